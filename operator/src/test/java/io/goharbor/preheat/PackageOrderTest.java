package io.goharbor.preheat;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A package imports only those before it; docs/architecture.md says why. */
class PackageOrderTest {
  private static final List<String> ORDER =
      List.of(
          "supervision",
          "matching",
          "http",
          "server",
          "kube",
          "harbor",
          "provider",
          "engine",
          "plan",
          "execution",
          "policy",
          "registry",
          "ingest",
          "importer",
          "runtime");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.goharbor.preheat");

  @Test
  void packages_import_only_what_stands_before_them() {
    for (int i = 0; i < ORDER.size() - 1; i++) {
      String[] later =
          ORDER.subList(i + 1, ORDER.size()).stream()
              .map(name -> "io.goharbor.preheat." + name + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("io.goharbor.preheat." + ORDER.get(i) + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(later)
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  @Test
  void strangers_meet_one_http_server() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.goharbor.preheat.server..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.eclipse.jetty..")
        .check(CLASSES);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.net.httpserver..")
        .check(CLASSES);
  }

  @Test
  void drivers_are_known_to_nobody() {
    for (String driver : List.of("dragonfly", "kraken")) {
      noClasses()
          .that()
          .resideOutsideOfPackage("io.goharbor.preheat.provider." + driver + "..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.goharbor.preheat.provider." + driver + "..")
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  @Test
  void matching_knows_only_the_api_and_the_jdk() {
    classes()
        .that()
        .resideInAPackage("io.goharbor.preheat.matching..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.goharbor.preheat.matching..",
            "io.goharbor.preheat.api..",
            "java..",
            "org.jspecify.annotations..")
        .check(CLASSES);
  }

  @Test
  void every_package_has_its_place_in_the_order() {
    classes()
        .should()
        .resideInAnyPackage(
            Stream.concat(
                    Stream.of("io.goharbor.preheat", "io.goharbor.preheat.api.."),
                    ORDER.stream().map(name -> "io.goharbor.preheat." + name + ".."))
                .toArray(String[]::new))
        .check(CLASSES);
  }

  @Test
  void objects_are_named_to_kubernetes_in_one_place() {
    // The client library writes names into URLs as they are.
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.goharbor.preheat.kube.NamedResources")
        .should()
        .callMethodWhere(
            describe(
                "it takes a name or namespace",
                call ->
                    call.getTarget()
                            .getOwner()
                            .getPackageName()
                            .startsWith("io.fabric8.kubernetes.client.dsl")
                        && Set.of("withName", "inNamespace").contains(call.getName())))
        .check(CLASSES);
  }

  @Test
  void paths_of_urls_are_made_in_one_place() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.goharbor.preheat.http..")
        .should()
        .callMethodWhere(
            describe(
                "it changes the path of a URL",
                call ->
                    call.getTarget().getOwner().getName().equals("okhttp3.HttpUrl$Builder")
                        && call.getName().matches(".*[Pp]ath.*")))
        .orShould()
        .callMethod("okhttp3.HttpUrl", "resolve", "java.lang.String")
        .orShould()
        .callMethod("okhttp3.Request$Builder", "url", "java.lang.String")
        .check(CLASSES);
  }
}
