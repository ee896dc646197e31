package io.goharbor.preheat.provider.dragonfly;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import okhttp3.Request;

/**
 * The Manager's Open API, one method a call. It answers unknown paths with a redirect to its
 * console, and every job with the arguments that it was given, credentials included: answers are
 * never logged.
 */
final class DragonflyManager {
  private static final int MAX_ANSWER = 64 * 1024 * 1024;
  private static final int PAGE = 100;
  private static final int MAX_PAGES = 50;

  private final RemoteSystem reads;
  private final RemoteSystem creates;
  private final RemoteSystem probes;

  DragonflyManager(RemoteSystem reads, RemoteSystem creates, RemoteSystem probes) {
    this.reads = reads;
    this.creates = creates;
    this.probes = probes;
  }

  /** Whether the process serves HTTP; says nothing about its database. */
  void healthy() throws RemoteCallException {
    notRedirected(
        probes.exchange(
            new Request.Builder().url(probes.url("healthy").build()).build(), MAX_ANSWER),
        "/healthy");
  }

  /** Ids of the scheduler clusters; checks the token and the database on the way. */
  Set<Long> schedulerClusters() throws RemoteCallException {
    Request request =
        new Request.Builder()
            .url(probes.url("oapi/v1/clusters").addQueryParameter("per_page", "1000").build())
            .header("Accept", "application/json")
            .build();
    Set<Long> ids = new HashSet<>();
    probes
        .send(request, MAX_ANSWER)
        .json()
        .forEach(cluster -> ids.add(cluster.path("scheduler_cluster_id").asLong()));
    return ids;
  }

  /** Creates a job. */
  JsonNode createJob(Map<String, Object> job) throws RemoteCallException {
    Request request =
        new Request.Builder()
            .url(creates.url("oapi/v1/jobs").build())
            .header("Accept", "application/json")
            .post(RemoteSystem.jsonBody(job))
            .build();
    return notRedirected(creates.send(request, MAX_ANSWER), "/oapi/v1/jobs").json();
  }

  /** Reads a job; a 404 is a {@link RemoteCallException} with that status. */
  JsonNode job(String id) throws RemoteCallException {
    Request request =
        new Request.Builder()
            .url(reads.url("oapi/v1/jobs/" + id).build())
            .header("Accept", "application/json")
            .build();
    return reads.send(request, MAX_ANSWER).json();
  }

  /** The newest preheat jobs whose bio starts with a key. */
  List<JsonNode> jobsOf(String bio) throws RemoteCallException {
    List<JsonNode> found = new ArrayList<>();
    for (int page = 1; page <= MAX_PAGES; page++) {
      Request request =
          new Request.Builder()
              .url(
                  reads
                      .url("oapi/v1/jobs")
                      .addQueryParameter("type", "preheat")
                      .addQueryParameter("page", Integer.toString(page))
                      .addQueryParameter("per_page", Integer.toString(PAGE))
                      .build())
              .header("Accept", "application/json")
              .build();
      JsonNode jobs = reads.send(request, MAX_ANSWER).json();
      jobs.forEach(job -> {
        if (job.path("bio").asText("").startsWith(bio)) {
          found.add(job);
        }
      });
      // Newest first, and a crash is young: older pages are read only while nothing was found.
      if (jobs.size() < PAGE || !found.isEmpty()) {
        break;
      }
    }
    return found;
  }

  private Reply notRedirected(Reply reply, String path) throws RemoteCallException {
    if (reply.status() >= 300 && reply.status() < 400) {
      throw new RemoteCallException(
          FailureClass.PERMANENT,
          Reason.UNEXPECTED_ANSWER,
          reply.status(),
          reads.name()
              + " answers "
              + path
              + " with a redirect: this is no Dragonfly Manager with an Open API (2.1.59 or later)",
          null,
          false,
          null);
    }
    if (!reply.successful()) {
      throw new RemoteCallException(
          FailureClass.RETRY,
          Reason.UNREACHABLE,
          reply.status(),
          reads.name() + " answered " + reply.status() + " to " + path,
          null,
          false,
          null);
    }
    return reply;
  }
}
