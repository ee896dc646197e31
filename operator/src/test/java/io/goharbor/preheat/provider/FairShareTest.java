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
    assertThat(divide(10, Map.of(), new Claim(A, "p", 0, 1, 500), new Claim(B, "q", 0, 2, 3)))
        .isEqualTo(Map.of(A, 7, B, 3));
  }

  @Test
  void what_a_policy_holds_already_counts() {
    assertThat(divide(4, Map.of("p", 4), new Claim(A, "p", 0, 1, 10), new Claim(B, "q", 0, 2, 10)))
        .isEqualTo(Map.of(B, 4));
  }

  @Test
  void executions_of_one_policy_are_served_in_order_of_arrival() {
    assertThat(
            divide(
                2,
                Map.of(),
                new Claim(B, "p", 0, 2, 5),
                new Claim(A, "p", 0, 1, 5),
                new Claim(C, "q", 0, 3, 1)))
        .isEqualTo(Map.of(A, 1, C, 1));
  }

  @Test
  void a_higher_priority_goes_first() {
    assertThat(divide(3, Map.of(), new Claim(A, "p", 0, 1, 5), new Claim(B, "q", 10, 2, 2)))
        .isEqualTo(Map.of(B, 2, A, 1));
  }

  @Test
  void a_claim_replaces_the_one_before_and_keeps_its_turn() {
    FairShare share = new FairShare();
    share.put(new Claim(A, "p", 0, 1, 5));
    share.put(new Claim(B, "p", 0, 2, 5));
    share.put(new Claim(A, "p", 0, 1, 2));
    assertThat(share.wanted()).isEqualTo(7);
    assertThat(share.divide(4, Map.of())).isEqualTo(Map.of(A, 2, B, 2));
    share.remove(A);
    share.remove(A);
    assertThat(share.wanted()).isEqualTo(5);
    assertThat(share.find(A)).isNull();
    assertThat(share.divide(4, Map.of())).isEqualTo(Map.of(B, 4));
    share.remove(B);
    assertThat(share.divide(4, Map.of())).isEmpty();
  }

  private static Map<ObjectKey, Integer> divide(
      int free, Map<String, Integer> held, Claim... claims) {
    FairShare share = new FairShare();
    List.of(claims).forEach(share::put);
    return share.divide(free, held);
  }

  @Test
  void nothing_free_is_nothing_shared() {
    assertThat(divide(0, Map.of(), new Claim(A, "p", 0, 1, 5))).isEmpty();
  }
}
