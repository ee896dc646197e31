package io.goharbor.preheat;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A package imports only those before it; docs/architecture.md says why. */
class PackageOrderTest {
  private static final List<String> ORDER =
      List.of(
          "matching",
          "http",
          "kube",
          "harbor",
          "provider",
          "execution",
          "policy",
          "registry",
          "ingest",
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
          .check(CLASSES);
    }
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
          .check(CLASSES);
    }
  }

  @Test
  void matching_is_pure() {
    noClasses()
        .that()
        .resideInAPackage("io.goharbor.preheat.matching..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("okhttp3..", "io.fabric8.kubernetes.client..", "org.slf4j..")
        .check(CLASSES);
  }
}
