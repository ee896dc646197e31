package io.goharbor.preheat.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.goharbor.preheat.harbor.HarborPreheat.Instance;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What each field of an instance of Harbor becomes. */
class InstanceTranslationTest {
  static Stream<Arguments> instances() {
    return Stream.of(
        arguments(
            Given.instance(1, "EU", "dragonfly", "http://manager:8080/", "OAUTH"),
            "{type: Dragonfly, dragonfly: {url: 'http://manager:8080'},"
                + " auth: {type: Bearer, secretRef: {name: x-auth, key: token}}}",
            "  kubectl create secret generic x-auth --from-file=token=FILE"),
        arguments(
            Given.instance(1, "EU", "dragonfly", "http://manager:8080", "BASIC"),
            "{type: Dragonfly, dragonfly: {url: 'http://manager:8080'},"
                + " auth: {type: Basic, secretRef: {name: x-auth, key: credentials}}}",
            "from a file with user:password"),
        arguments(
            Given.instance(1, "EU", "dragonfly", "http://manager:8080", "CUSTOM"),
            "{type: Dragonfly, dragonfly: {url: 'http://manager:8080'}, auth: {type: Header,"
                + " secretRef: {name: x-auth, key: value}, headerName: Authorization}}",
            "spec.auth.headerName: Harbor never returns the header's name either"),
        arguments(
            Given.instance(1, "EU", "dragonfly", "http://manager:8080", "NONE"),
            "{type: Dragonfly, dragonfly: {url: 'http://manager:8080'}}",
            "spec.auth: Harbor does not sign in."),
        arguments(
            Given.instance(1, "EU", "dragonfly", "http://manager:8080", "MAGIC"),
            "{type: Dragonfly, dragonfly: {url: 'http://manager:8080'}}",
            "spec.auth: Harbor's auth_mode 'MAGIC' is not known"),
        arguments(
            Given.instance(1, "US", "kraken", "https://kraken-proxy:10050", "NONE"),
            "{type: Kraken, kraken: {proxyURL: 'https://kraken-proxy:10050'}}",
            "spec.kraken.proxyURL: Harbor calls a preheat done once Kraken's proxy took the notice."),
        arguments(
            new Instance(1, "EU", "dragonfly", "https://manager", "NONE", true, true),
            "{type: Dragonfly, dragonfly: {url: 'https://manager'}, tls: {insecureSkipVerify: true}}",
            "spec.tls.insecureSkipVerify: As in Harbor"),
        arguments(
            new Instance(1, "EU", "dragonfly", "http://manager", "NONE", true, false),
            "{type: Dragonfly, dragonfly: {url: 'http://manager'}, suspend: true}",
            "spec.suspend: Disabled in Harbor, which runs policies on it nevertheless."),
        arguments(
            new Instance(1, "EU", "dragonfly", "https://manager", null, null, true),
            "{type: Dragonfly, dragonfly: {url: 'https://manager'}}",
            "that needs preheat-instance:list of the system"),
        arguments(
            Given.instance(1, "EU", "dragonfly", "manager:8080", "NONE"),
            "{type: Dragonfly, dragonfly: {url: 'http://manager:8080'}}",
            "spec.dragonfly.url: Harbor has it without http://"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("instances")
  void an_instance_becomes_a_provider(Instance instance, String spec, String note) {
    Imported object = InstanceTranslation.of(Given.SETUP, instance, "x");
    assertThat(Given.printed(object))
        .containsEntry("kind", "P2PProvider")
        .containsEntry("metadata", Map.of("name", "x"))
        .containsEntry("spec", Given.map(spec));
    assertThat(Given.notes(object))
        .contains(": Harbor: instance " + instance.name() + ".")
        .contains(note);
  }

  @ParameterizedTest
  @CsvSource({
    "nydus, http://n, its vendor is 'nydus'",
    "dragonfly, '', its endpoint '' is not",
    "kraken, ftp://k, its endpoint 'ftp://k' is not"
  })
  void what_cannot_be_driven_is_left_out(String vendor, String endpoint, String why) {
    assertThat(
            InstanceTranslation.of(
                Given.SETUP, Given.instance(1, "i", vendor, endpoint, "NONE"), "x"))
        .isInstanceOfSatisfying(
            Imported.LeftOut.class, left -> assertThat(left.why()).startsWith(why));
  }

  @Test
  void commands_name_the_namespace() {
    ImportSetup setup =
        new ImportSetup("https://h", "preheat", "harbor", false, false, null, false);
    assertThat(
            Given.notes(
                InstanceTranslation.of(
                    setup, Given.instance(1, "i", "dragonfly", "http://m", "OAUTH"), "x")))
        .contains("--from-file=token=FILE --namespace preheat");
  }
}
