package io.goharbor.preheat.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.FairShare.Claim;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FairShareTest {
  private static final ObjectKey A = new ObjectKey("n", "a");
  private static final ObjectKey B = new ObjectKey("n", "b");
  private static final ObjectKey C = new ObjectKey("n", "c");

  @Test
  void policies_share_alike_however_much_one_of_them_wants() {
    assertThat(
            FairShare.divide(
                10, List.of(new Claim(A, "p", 0, 1, 500), new Claim(B, "q", 0, 2, 3)), Map.of()))
        .isEqualTo(Map.of(A, 7, B, 3));
  }

  @Test
  void what_a_policy_holds_already_counts() {
    assertThat(
            FairShare.divide(
                4,
                List.of(new Claim(A, "p", 0, 1, 10), new Claim(B, "q", 0, 2, 10)),
                Map.of("p", 4)))
        .isEqualTo(Map.of(B, 4));
  }

  @Test
  void executions_of_one_policy_are_served_in_order_of_arrival() {
    assertThat(
            FairShare.divide(
                2,
                List.of(
                    new Claim(B, "p", 0, 2, 5),
                    new Claim(A, "p", 0, 1, 5),
                    new Claim(C, "q", 0, 3, 1)),
                Map.of()))
        .isEqualTo(Map.of(A, 1, C, 1));
  }

  @Test
  void a_higher_priority_goes_first() {
    assertThat(
            FairShare.divide(
                3, List.of(new Claim(A, "p", 0, 1, 5), new Claim(B, "q", 10, 2, 2)), Map.of()))
        .isEqualTo(Map.of(B, 2, A, 1));
  }

  @Test
  void nothing_free_is_nothing_shared() {
    assertThat(FairShare.divide(0, List.of(new Claim(A, "p", 0, 1, 5)), Map.of())).isEmpty();
  }
}
