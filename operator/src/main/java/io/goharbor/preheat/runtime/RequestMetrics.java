package io.goharbor.preheat.runtime;

import io.goharbor.preheat.http.RequestListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import okhttp3.Request;

/**
 * Requests to Harbors and providers, told to Prometheus. Their paths hold repositories and digests,
 * so a request is named by what it is for.
 */
final class RequestMetrics implements RequestListener {
  private record Operation(String method, Pattern path, String name) {
    Operation(String method, String path, String name) {
      this(method, Pattern.compile(path), name);
    }

    boolean is(String ofMethod, String ofPath) {
      return (method.equals("*") || method.equals(ofMethod)) && path.matcher(ofPath).find();
    }
  }

  private static final List<Operation> HARBOR =
      List.of(
          new Operation("GET", "/api/v2\\.0/systeminfo$", "system_info"),
          new Operation("GET", "/api/v2\\.0/projects$", "list_projects"),
          new Operation("GET", "/projects/[^/]+/repositories$", "list_repositories"),
          new Operation("GET", "/webhook/policies$", "list_webhooks"),
          new Operation("*", "/webhook/policies", "write_webhook"),
          new Operation("GET", "/artifacts$", "list_artifacts"),
          new Operation("GET", "/artifacts/[^/]+$", "get_artifact"),
          new Operation("GET", "/service/token$", "get_token"),
          new Operation("GET", "/v2/.+/manifests/[^/]+$", "get_manifest"));

  private static final List<Operation> PROVIDER =
      List.of(
          // Dragonfly, both of its APIs, and its proxy.
          new Operation("GET", "/(healthy|oapi/v1/clusters|_ping)$", "probe"),
          new Operation("POST", "/(oapi/v1/jobs|preheats)$", "create_job"),
          new Operation("GET", "/(oapi/v1/jobs|preheats)/[^/]+$", "get_job"),
          new Operation("GET", "/oapi/v1/jobs$", "list_jobs"),
          new Operation("DELETE", "/oapi/v1/jobs/[^/]+$", "delete_job"),
          new Operation("*", "/v2/.+/blobs/[^/]+$", "pull_blob"),
          // Kraken's proxy and origins.
          new Operation("GET", "/(health|readiness)$", "probe"),
          new Operation("POST", "/registry/notifications$", "notify"),
          new Operation("POST", "/namespace/.+/prefetch$", "prefetch"),
          new Operation("GET", "/blobs/[^/]+/locations$", "find_owners"),
          new Operation("GET", "/internal/namespace/.+/metainfo$", "get_metainfo"),
          new Operation("HEAD", "/internal/namespace/.+/blobs/[^/]+$", "look_for_blob"),
          new Operation("DELETE", "/internal/blobs/[^/]+$", "delete_blob"));

  private static final Duration[] BUCKETS =
      Stream.of(50, 250, 1_000, 5_000, 30_000).map(Duration::ofMillis).toArray(Duration[]::new);

  private final MeterRegistry meters;

  RequestMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  @Override
  public void ended(Subject subject, Request request, Outcome outcome, Duration took) {
    boolean harbor = subject.kind().equals("registry");
    Timer.builder(harbor ? "preheat.harbor.request.duration" : "preheat.provider.request.duration")
        .description(harbor ? "Requests to Harbor" : "Requests to a provider")
        .tag(subject.kind(), subject.name())
        .tag("operation", operation(harbor, request))
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .serviceLevelObjectives(BUCKETS)
        .register(meters)
        .record(took);
  }

  static String operation(boolean harbor, Request request) {
    String path = request.url().encodedPath();
    return (harbor ? HARBOR : PROVIDER)
        .stream()
            .filter(operation -> operation.is(request.method(), path))
            .findFirst()
            .map(Operation::name)
            .orElse("other");
  }
}
