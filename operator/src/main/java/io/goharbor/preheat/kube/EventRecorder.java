package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.Redactor;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Kubernetes Events. The name is made of the object, the reason and the message, so that the
 * same Event is not repeated: a second write finds it and leaves it. Events are for people: a
 * failure to write one is logged and stops nothing.
 */
public final class EventRecorder {
  private static final Logger log = LoggerFactory.getLogger(EventRecorder.class);

  private static final int LONGEST_MESSAGE = 1000;

  private final KubernetesClient client;
  private final InstantSource clock;
  private final Redactor redactor;

  /**
   * Writes with the given client.
   *
   * @param redactor takes secrets out of messages
   */
  public EventRecorder(KubernetesClient client, InstantSource clock, Redactor redactor) {
    this.client = client;
    this.clock = clock;
    this.redactor = redactor;
  }

  /** Something went as it should. */
  public void normal(HasMetadata about, Reason reason, String message) {
    record(about, "Normal", reason, message);
  }

  /** Something that a person may have to look at. */
  public void warning(HasMetadata about, Reason reason, String message) {
    record(about, "Warning", reason, message);
  }

  private void record(HasMetadata about, String type, Reason reason, String text) {
    String namespace = about.getMetadata().getNamespace();
    String message = DisplayText.of(redactor.redactFor(namespace, text), LONGEST_MESSAGE);
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    int hash = Objects.hash(about.getMetadata().getUid(), reason, message);
    Event event =
        new EventBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(about.getMetadata().getName() + "." + HexFormat.of().toHexDigits(hash))
            .endMetadata()
            .withNewInvolvedObject()
            .withApiVersion(about.getApiVersion())
            .withKind(about.getKind())
            .withNamespace(namespace)
            .withName(about.getMetadata().getName())
            .withUid(about.getMetadata().getUid())
            .endInvolvedObject()
            .withType(type)
            .withReason(reason.toString())
            .withMessage(message)
            .withFirstTimestamp(now)
            .withLastTimestamp(now)
            .withCount(1)
            .withNewSource()
            .withComponent("harbor-preheat-operator")
            .endSource()
            .build();
    try {
      client.resource(event).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != 409) {
        log.atWarn()
            .addKeyValue("object", ObjectKey.of(about))
            .addKeyValue("reason", reason)
            .log("Event not written: {}", e.getMessage());
      }
    }
  }
}
