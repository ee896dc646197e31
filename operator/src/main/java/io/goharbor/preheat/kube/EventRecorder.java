package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.Redactor;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Kubernetes Events. The name is made of the object, the reason and the message, so that
 * what happens again is counted in the same Event, by whichever replica and after a restart too.
 * Events are for people: a failure to write one is logged and stops nothing.
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
    Event event =
        new EventBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name(about, reason, message))
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
      create(event);
    } catch (KubernetesClientException e) {
      log.atWarn()
          .addKeyValue("object", ObjectKey.of(about))
          .addKeyValue("reason", reason)
          .log("Event not written: {}", e.getMessage());
    }
  }

  private static String name(HasMetadata about, Reason reason, String message) {
    // Of values that are the same in every process.
    int hash = Objects.hash(about.getMetadata().getUid(), reason.toString(), message);
    return about.getMetadata().getName() + "." + HexFormat.of().toHexDigits(hash);
  }

  private void create(Event event) {
    try {
      client.resource(event).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      repeat(event);
    }
  }

  private void repeat(Event event) {
    Resource<Event> events =
        NamedResources.of(
            client.v1().events(),
            event.getMetadata().getNamespace(),
            event.getMetadata().getName());
    Event before = events.get();
    if (before == null) {
      // It has expired just now.
      return;
    }
    int count = before.getCount() == null ? 1 : before.getCount();
    events.patch(
        PatchContext.of(PatchType.JSON_MERGE),
        Serialization.asJson(
            Map.of("count", count + 1, "lastTimestamp", event.getLastTimestamp())));
  }
}
