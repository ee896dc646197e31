package io.goharbor.preheat.kube;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of an exception in a reconcile. */
class FailedReconcilesTest {
  @Test
  void pauses_double_up_to_the_longest() {
    List<Long> pauses = new ArrayList<>();
    Duration last = null;
    for (int i = 0; i < 7; i++) {
      last = FailedReconciles.next(last, Duration.ofSeconds(30));
      pauses.add(last.toSeconds());
    }
    assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);
  }

  @Test
  void a_failure_is_told_with_the_words_of_who_failed() {
    KubernetesClientException refused =
        new KubernetesClientException(
            new StatusBuilder().withCode(403).withMessage("not you").build());
    for (Exception failure : List.of(refused, new OperatorException(refused))) {
      assertThat(FailedReconciles.sentence(failure))
          .isEqualTo("The API server answered 403: not you");
    }
    assertThat(FailedReconciles.sentence(new KubernetesClientException("no route")))
        .isEqualTo("The API server could not be asked: no route");
    assertThat(FailedReconciles.sentence(new IllegalStateException("odd")))
        .isEqualTo("The operator failed: java.lang.IllegalStateException: odd");
  }

  @Test
  void every_reconciler_handles_its_errors() {
    classes()
        .that()
        .implement(Reconciler.class)
        .should(
            new ArchCondition<>("have an updateErrorStatus of its own") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                events.add(
                    new SimpleConditionEvent(
                        type,
                        type.getMethods().stream()
                            .anyMatch(method -> method.getName().equals("updateErrorStatus")),
                        type.getName()));
              }
            })
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.goharbor.preheat"));
  }
}
