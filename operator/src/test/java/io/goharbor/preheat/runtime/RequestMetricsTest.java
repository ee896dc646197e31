package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.http.RequestListener;
import io.goharbor.preheat.http.RequestListener.Outcome;
import io.goharbor.preheat.http.RequestListener.Subject;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestMetricsTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @ParameterizedTest
  @CsvSource({
    "true,GET,api/v2.0/systeminfo,system_info",
    "true,GET,api/v2.0/projects,list_projects",
    "true,GET,api/v2.0/projects/shop/repositories,list_repositories",
    "true,GET,api/v2.0/projects/shop/webhook/policies,list_webhooks",
    "true,POST,api/v2.0/projects/shop/webhook/policies,write_webhook",
    "true,PUT,api/v2.0/projects/shop/webhook/policies/3,write_webhook",
    "true,DELETE,api/v2.0/projects/shop/webhook/policies/3,write_webhook",
    "true,GET,api/v2.0/projects/shop/artifacts,list_artifacts",
    "true,GET,api/v2.0/projects/shop/repositories/a%252Fb/artifacts,list_artifacts",
    "true,GET,api/v2.0/projects/shop/repositories/a/artifacts/1.0,get_artifact",
    "true,GET,service/token,get_token",
    "true,GET,v2/shop/web/manifests/D,get_manifest",
    "true,GET,somewhere/else,other",
    "false,GET,healthy,probe",
    "false,GET,oapi/v1/clusters,probe",
    "false,POST,oapi/v1/jobs,create_job",
    "false,GET,oapi/v1/jobs/7,get_job",
    "false,GET,oapi/v1/jobs,list_jobs",
    "false,DELETE,oapi/v1/jobs/7,delete_job",
    "false,GET,_ping,probe",
    "false,POST,preheats,create_job",
    "false,GET,preheats/abc,get_job",
    "false,GET,v2/shop/web/blobs/D,pull_blob",
    "false,GET,readiness,probe",
    "false,POST,registry/notifications,notify",
    "false,POST,namespace/shop%2Fweb/blobs/D/prefetch,prefetch",
    "false,GET,blobs/D/locations,find_owners",
    "false,GET,internal/namespace/shop%2Fweb/blobs/D/metainfo,get_metainfo",
    "false,HEAD,internal/namespace/shop%2Fweb/blobs/D,look_for_blob",
    "false,DELETE,internal/blobs/D,delete_blob"
  })
  void a_request_is_named_by_what_it_is_for(
      boolean harbor, String method, String path, String operation) {
    assertThat(RequestMetrics.operation(harbor, request(method, "under/a/prefix/" + path)))
        .isEqualTo(operation);
  }

  @Test
  void requests_are_counted_by_who_was_asked_and_how_it_ended() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    RequestListener metrics = new RequestMetrics(meters);
    Duration took = Duration.ofMillis(20);
    metrics.ended(new Subject("registry", "a/b"), request("GET", "x"), Outcome.OK, took);
    metrics.ended(new Subject("provider", "c/d"), request("GET", "x"), Outcome.UNREACHABLE, took);
    assertThat(
            meters
                .get("preheat.harbor.request.duration")
                .tags("registry", "a/b", "outcome", "ok", "operation", "other")
                .timer()
                .count())
        .isOne();
    assertThat(
            meters
                .get("preheat.provider.request.duration")
                .tags("provider", "c/d", "outcome", "unreachable")
                .timer()
                .count())
        .isOne();
  }

  @ParameterizedTest
  @CsvSource({
    "200,OK",
    "204,OK",
    "302,REFUSED",
    "400,REFUSED",
    "401,DENIED",
    "403,DENIED",
    "404,NOT_FOUND",
    "410,NOT_FOUND",
    "422,REFUSED",
    "429,BUSY",
    "500,ERROR",
    "503,ERROR"
  })
  void a_status_belongs_to_a_class(int status, Outcome outcome) {
    assertThat(Outcome.of(status)).isEqualTo(outcome);
  }

  private static Request request(String method, String path) {
    return new Request.Builder()
        .url("http://localhost/" + path.replace("/D", "/" + DIGEST))
        .method(method, body(method))
        .build();
  }

  private static @Nullable RequestBody body(String method) {
    return method.equals("POST") || method.equals("PUT") ? RequestBody.create(new byte[0]) : null;
  }
}
