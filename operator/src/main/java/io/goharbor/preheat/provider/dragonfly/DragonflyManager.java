package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * The Manager's Open API, one method a call. A Manager answers every job with the arguments that it
 * was given, credentials included, so no answer is ever quoted but the words of an error.
 */
final class DragonflyManager {
  /**
   * Jobs on a page: the most that the published description allows, though the code of 2.5 takes
   * more.
   */
  static final int PAGE = 50;

  private static final int MAX_ANSWER = 64 * 1024 * 1024;

  private final RemoteSystem reads;
  private final RemoteSystem creates;
  private final RemoteSystem probes;

  /**
   * A client.
   *
   * @param creates has the time that a Manager needs to read a manifest
   * @param probes has the probe's time-out, and a rate of its own so that work cannot delay it
   */
  DragonflyManager(RemoteSystem reads, RemoteSystem creates, RemoteSystem probes) {
    this.reads = reads;
    this.creates = creates;
    this.probes = probes;
  }

  /** Whether the process serves HTTP; says nothing about its token, database or Redis. */
  void healthy() throws RemoteCallException {
    call(probes, get(probes.url("healthy")));
  }

  /**
   * Whether the token may see jobs and the database answers. The answer is empty and small: no row
   * ever has the state RECEIVED, and rows hold credentials.
   */
  void mayUseJobs() throws RemoteCallException {
    HttpUrl.Builder url =
        probes
            .url("oapi", "v1", "jobs")
            .addQueryParameter("type", "preheat")
            .addQueryParameter("state", "RECEIVED")
            .addQueryParameter("page", "1")
            .addQueryParameter("per_page", "2");
    read(call(probes, get(url)), Job[].class);
  }

  /** Ids of all scheduler clusters. */
  Set<Long> schedulerClusters() throws RemoteCallException {
    Set<Long> ids = new HashSet<>();
    for (int page = 1; ; page++) {
      Cluster[] clusters =
          read(
              call(probes, get(paged(probes.url("oapi", "v1", "clusters"), page, PAGE))),
              Cluster[].class);
      Stream.of(clusters).filter(Objects::nonNull).forEach(cluster -> ids.add(cluster.scheduler()));
      if (clusters.length < PAGE) {
        return ids;
      }
    }
  }

  /** Creates a job; the Manager reads the manifest before it answers. */
  Job create(JobRequest job) throws RemoteCallException {
    return read(call(creates, post(job)), Job.class);
  }

  private Request post(JobRequest job) {
    return new Request.Builder()
        .url(creates.url("oapi", "v1", "jobs").build())
        .header("Accept", "application/json")
        .post(RemoteSystem.jsonBody(job))
        .build();
  }

  /**
   * Jobs, and how long the answer was that held them.
   *
   * @param bytes length of the answer
   */
  record Page(List<Job> jobs, int bytes) {}

  /** Reads a job; one that is unknown is a {@link RemoteCallException} with status 404. */
  Page job(long id) throws RemoteCallException {
    Reply reply = call(reads, get(reads.url("oapi", "v1", "jobs", Long.toString(id))));
    return new Page(List.of(read(reply, Job.class)), reply.body().length);
  }

  /**
   * Reads a page of preheat jobs, the newest first.
   *
   * @param page counted from 1
   */
  Page jobs(int page, int size) throws RemoteCallException {
    HttpUrl.Builder url =
        paged(reads.url("oapi", "v1", "jobs").addQueryParameter("type", "preheat"), page, size);
    Reply reply = call(reads, get(url));
    List<Job> jobs = Stream.of(read(reply, Job[].class)).filter(Objects::nonNull).toList();
    return new Page(jobs, reply.body().length);
  }

  /** Removes the Manager's record of a job; the peers notice nothing of it. */
  void forget(long id) throws RemoteCallException {
    Request.Builder request =
        new Request.Builder()
            .url(reads.url("oapi", "v1", "jobs", Long.toString(id)).build())
            .delete();
    call(reads, request.build());
  }

  /** Which nodes hold which blobs of an image; the Manager asks all of them before it answers. */
  Distribution distribution(JobRequest request) throws RemoteCallException {
    return read(call(creates, post(request)), Distribution.class);
  }

  /** Whether an answer was refused for its length. */
  static boolean tooLong(RemoteCallException e) {
    return e.status() == 200
        && e.reason() == Reason.UNEXPECTED_ANSWER
        && e.failureClass() == FailureClass.PERMANENT;
  }

  private static HttpUrl.Builder paged(HttpUrl.Builder url, int page, int size) {
    return url.addQueryParameter("page", Integer.toString(page))
        .addQueryParameter("per_page", Integer.toString(size));
  }

  private static Request get(HttpUrl.Builder url) {
    return new Request.Builder().url(url.build()).header("Accept", "application/json").build();
  }

  private static Reply call(RemoteSystem system, Request request) throws RemoteCallException {
    try {
      return system.send(request, MAX_ANSWER);
    } catch (RemoteCallException e) {
      throw new RemoteCallException(
          e.failureClass(),
          e.reason(),
          e.status(),
          Words.withoutCredentials(e.describe()) + advice(e),
          e.retryAfter().orElse(null),
          e.mayHaveArrived(),
          e.getCause(),
          e.said());
    }
  }

  /** What a person can do, to be appended. */
  private static String advice(RemoteCallException e) {
    String said = e.said();
    return switch (e.status()) {
      case 301, 302, 303, 307, 308 ->
          ". spec.dragonfly.url is not the REST server of a Dragonfly Manager, or that"
              + " one is older than 2.1.0 and has no Open API";
      case 401 ->
          ". spec.auth must have type Bearer and a valid personal access token of this Manager";
      case 403 ->
          said.contains("expired")
              ? ". Put a new personal access token into the Secret of spec.auth"
              : said.contains("inactive")
                  ? ". Activate the personal access token, or put another into the Secret of"
                      + " spec.auth"
                  : ". Give the personal access token of spec.auth the scope that is named";
      case 429 ->
          ". A Manager answers this also for a scheduler cluster that it does not know (new ones"
              + " take three minutes), and while its Redis is down";
      default -> "";
    };
  }

  private <T> T read(Reply reply, Class<T> type) throws RemoteCallException {
    T value = null;
    try {
      value = RemoteSystem.JSON.readValue(reply.body(), type);
    } catch (IOException unreadable) {
      // Not as the cause: the words of a parser quote the answer.
    }
    if (value == null) {
      throw new RemoteCallException(
          FailureClass.RETRY,
          Reason.UNEXPECTED_ANSWER,
          reply.status(),
          reads.name() + " gave an answer that is not the JSON of its Open API",
          null,
          true,
          null);
    }
    return value;
  }
}
