package io.goharbor.preheat.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.engine.FairShare.Claim;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FairShareTest {
  private static final ObjectKey A = new ObjectKey("n", "a");
  private static final ObjectKey B = new ObjectKey("n", "b");
  private static final ObjectKey C = new ObjectKey("n", "c");
  private static final ObjectKey OTHER = new ObjectKey("other", "x");

  @Test
  void policies_share_alike_however_much_one_of_them_wants() {
    assertThat(divide(10, Map.of(), claim(A, "p", 0, 1, 500), claim(B, "q", 0, 2, 3)))
        .isEqualTo(Map.of(A, 7, B, 3));
  }

  @Test
  void what_a_policy_holds_already_counts() {
    assertThat(
            divide(
                4,
                Map.of(new ObjectKey("n", "p"), 4),
                claim(A, "p", 0, 1, 10),
                claim(B, "q", 0, 2, 10)))
        .isEqualTo(Map.of(B, 4));
  }

  @Test
  void executions_of_one_policy_are_served_in_order_of_arrival() {
    assertThat(
            divide(
                2,
                Map.of(),
                claim(B, "p", 0, 2, 5),
                claim(A, "p", 0, 1, 5),
                claim(C, "q", 0, 3, 1)))
        .isEqualTo(Map.of(A, 1, C, 1));
  }

  @Test
  void a_higher_priority_goes_first_in_its_namespace() {
    assertThat(divide(3, Map.of(), claim(A, "p", 0, 1, 5), claim(B, "q", 10, 2, 2)))
        .isEqualTo(Map.of(B, 2, A, 1));
  }

  @Test
  void among_namespaces_a_priority_counts_as_far_as_its_ceiling() {
    assertThat(divide(8, Map.of(), claim(A, "p", 1000, 1, 40), claim(OTHER, "x", 0, 2, 8)))
        .as("each its half")
        .isEqualTo(Map.of(A, 4, OTHER, 4));
    assertThat(
            divide(
                8,
                Map.of(),
                claim(A, "p", 1000, 1, 40).under(5),
                claim(OTHER, "x", 4, 2, 8).under(1000)))
        .as("its owner lets it go first")
        .isEqualTo(Map.of(A, 8));
    assertThat(
            divide(
                8,
                Map.of(),
                claim(A, "p", 1000, 1, 40).under(5),
                claim(OTHER, "x", 5, 2, 8).under(1000)))
        .as("as much as that counts")
        .isEqualTo(Map.of(A, 4, OTHER, 4));
  }

  @Test
  void who_wants_to_go_last_goes_last_everywhere() {
    assertThat(divide(8, Map.of(), claim(A, "p", -1, 1, 40), claim(OTHER, "x", 0, 2, 6)))
        .isEqualTo(Map.of(OTHER, 6, A, 2));
  }

  @Test
  void many_policies_and_priorities_of_a_namespace_are_one_share() {
    Claim[] claims = new Claim[101];
    for (int i = 0; i < 100; i++) {
      claims[i] = claim(new ObjectKey("n", "run-" + i), "policy-" + i, i * 10, i, 5);
    }
    claims[100] = claim(OTHER, "x", 0, 100, 50);
    Map<ObjectKey, Integer> shares = divide(20, Map.of(), claims);
    assertThat(shares.get(OTHER)).isEqualTo(10);
    assertThat(shares.get(new ObjectKey("n", "run-99"))).as("its highest").isEqualTo(5);
    assertThat(shares.get(new ObjectKey("n", "run-98"))).isEqualTo(5);
    assertThat(shares).hasSize(3);
  }

  @Test
  void what_a_namespace_holds_in_all_its_policies_counts() {
    Map<ObjectKey, Integer> held = Map.of(new ObjectKey("n", "p"), 3, new ObjectKey("n", "q"), 3);
    assertThat(divide(6, held, claim(C, "r", 0, 1, 10), claim(OTHER, "x", 0, 2, 10)))
        .isEqualTo(Map.of(OTHER, 6));
  }

  @Test
  void nothing_stays_free_while_anyone_wants_it() {
    assertThat(
            divide(
                    30,
                    Map.of(),
                    claim(A, "p", 7, 1, 4),
                    claim(B, "p", -3, 2, 4),
                    claim(C, "q", 0, 3, 4),
                    claim(OTHER, "x", 2, 4, 4).under(1))
                .values()
                .stream()
                .mapToInt(Integer::intValue)
                .sum())
        .isEqualTo(16);
  }

  @Test
  void a_claim_replaces_the_one_before_and_keeps_its_turn() {
    FairShare share = new FairShare(namespace -> false);
    share.put(claim(A, "p", 0, 1, 5));
    share.put(claim(B, "p", 0, 2, 5));
    share.put(claim(A, "p", 0, 1, 2));
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

  @Test
  void nothing_free_is_nothing_shared() {
    assertThat(divide(0, Map.of(), claim(A, "p", 0, 1, 5))).isEmpty();
  }

  @Test
  void shares_add_up_however_many_wait() {
    FairShare share = new FairShare(namespace -> false);
    IntStream.range(0, 1000)
        .forEach(i ->
            share.put(
                claim(new ObjectKey("n" + i % 7, "e" + i), "p" + i % 31, i % 5 - 2, i, 1 + i % 3)));
    Map<ObjectKey, Integer> shares = share.divide(500, Map.of());
    assertThat(shares.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(500);
  }

  private static Claim claim(
      ObjectKey execution, String policy, int priority, long since, int wanted) {
    return new Claim(
        execution, new ObjectKey(execution.namespace(), policy), priority, 0, since, wanted);
  }

  @Test
  void a_namespace_that_takes_all_it_can_leaves_room_for_the_next() {
    FairShare share = new FairShare(namespace -> !namespace.equals(OTHER.namespace()));
    share.put(claim(A, "p", 1000, 1, 40));
    assertThat(share.divide(32, Map.of())).isEqualTo(Map.of(A, 24));
    assertThat(share.divide(8, Map.of(new ObjectKey(A.namespace(), "p"), 24))).isEmpty();
    assertThat(share.divide(1, Map.of())).as("the only slot").isEqualTo(Map.of(A, 1));
    FairShare ofOwner = new FairShare(namespace -> !namespace.equals(OTHER.namespace()));
    ofOwner.put(claim(OTHER, "x", 0, 2, 40));
    assertThat(ofOwner.divide(32, Map.of())).as("the owner's own").isEqualTo(Map.of(OTHER, 32));
  }

  private static Map<ObjectKey, Integer> divide(
      int free, Map<ObjectKey, Integer> held, Claim... claims) {
    FairShare share = new FairShare(namespace -> false);
    List.of(claims).forEach(share::put);
    return share.divide(free, held);
  }
}
