package io.goharbor.preheat.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.P2PProviderSpec.AllowedNamespaces.Terms;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProviderAccessTest {
  private static final Set<Operation> HARMLESS = EnumSet.of(Operation.PREHEAT, Operation.VERIFY);

  @Test
  void its_own_namespace_may_do_anything() {
    assertThat(ProviderAccess.terms(provider(""), "p2p", Map::of)).contains(Terms.OWN);
    assertThat(Terms.OWN.operations()).contains(Operation.EVICT);
    assertThat(Terms.OWN.maxPriority()).isEqualTo(1000);
  }

  @Test
  void others_may_do_nothing_unless_they_are_let_in() {
    assertThat(ProviderAccess.terms(provider(""), "team", Map::of)).isEmpty();
    assertThat(ProviderAccess.terms(provider("allowedNamespaces: {from: Same}"), "team", Map::of))
        .isEmpty();
  }

  @Test
  void who_is_let_in_may_neither_evict_nor_go_first() {
    assertThat(ProviderAccess.terms(provider("allowedNamespaces: {from: All}"), "team", Map::of))
        .contains(new Terms(0, HARMLESS));
  }

  @Test
  void the_owner_says_what_all_and_what_some_may_do() {
    P2PProvider provider =
        provider(
            """
            allowedNamespaces:
              from: All
              maxPriority: 10
              operations: [Preheat]
              grants:
                - {namespaces: [team-a, team-b], maxPriority: 100}
                - {namespaces: [team-b, team-c], operations: [Preheat, Evict]}
            """);
    assertThat(ProviderAccess.terms(provider, "other", Map::of))
        .contains(new Terms(10, Set.of(Operation.PREHEAT)));
    assertThat(ProviderAccess.terms(provider, "team-b", Map::of))
        .contains(new Terms(100, Set.of(Operation.PREHEAT)));
    assertThat(ProviderAccess.terms(provider, "team-c", Map::of))
        .contains(new Terms(10, Set.of(Operation.PREHEAT, Operation.EVICT)));
  }

  @Test
  void a_grant_lets_nobody_in() {
    P2PProvider provider =
        provider(
            """
            allowedNamespaces:
              from: Selector
              selector: {matchLabels: {tier: gold}}
              grants: [{namespaces: [team-a], operations: [Evict]}]
            """);
    assertThat(ProviderAccess.terms(provider, "team-a", Map::of)).isEmpty();
    assertThat(ProviderAccess.terms(provider, "team-a", () -> Map.of("tier", "gold")))
        .contains(new Terms(0, Set.of(Operation.EVICT)));
  }

  private static P2PProvider provider(String access) {
    P2PProvider provider = new P2PProvider();
    provider.setMetadata(new ObjectMetaBuilder().withNamespace("p2p").withName("eu").build());
    provider.setSpec(
        Serialization.unmarshal(
            "type: Kraken\nkraken: {originURL: \"http://o\"}\n" + access, P2PProviderSpec.class));
    return provider;
  }
}
