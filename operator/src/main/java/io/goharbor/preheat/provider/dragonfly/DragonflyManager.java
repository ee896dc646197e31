package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.Answer;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.Deadline;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  /**
   * Jobs: a result has 200 bytes for each blob on each peer. What is kept of it is bounded by the
   * memory for answers, and is a fraction of this, since peers and blobs repeat.
   */
  static final AnswerLimit JOBS =
      new AnswerLimit("list of jobs", 64 * 1024 * 1024, 4_000_000, 16, Duration.ofSeconds(60));

  /** Pages of scheduler clusters that are read: a thousand of them. */
  private static final int CLUSTER_PAGES = 20;

  private static final int MAX_CLUSTERS = CLUSTER_PAGES * PAGE;

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

  /** What it is called in messages. */
  String name() {
    return reads.name();
  }

  /** Whether the process serves HTTP; says nothing about its token, database or Redis. */
  void healthy() throws RemoteCallException {
    var _ = call(() -> probes.send(get(probes.url("healthy")), probing()));
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
    var _ = list(probes, get(url), probing(), Job.class);
  }

  /** Ids of all scheduler clusters. */
  Set<Long> schedulerClusters() throws RemoteCallException {
    Deadline deadline = Deadline.in(probing().total());
    Set<Long> ids = new HashSet<>();
    for (int page = 1; page <= CLUSTER_PAGES; page++) {
      int before = ids.size();
      Page<Cluster> found =
          list(
              probes,
              get(paged(probes.url("oapi", "v1", "clusters"), page, PAGE)),
              AnswerLimit.PAGE.within(deadline.left()),
              Cluster.class);
      found.rows().forEach(cluster -> ids.add(cluster.scheduler()));
      if (found.rows().size() < PAGE) {
        return ids;
      }
      if (ids.size() == before) {
        throw unexpected(
            FailureClass.RETRY,
            "answers each page of GET /oapi/v1/clusters with the same clusters");
      }
    }
    throw unexpected(
        FailureClass.PERMANENT,
        "has more than " + MAX_CLUSTERS + " clusters, which is all that is read of them");
  }

  /** Creates a job; the Manager reads the manifest before it answers. */
  Job create(JobRequest job) throws RemoteCallException {
    return call(() -> creates.read(post(job), creating(), answer -> read(answer, Job.class)));
  }

  private Request post(JobRequest job) {
    return new Request.Builder()
        .url(creates.url("oapi", "v1", "jobs").build())
        .header("Accept", "application/json")
        .post(RemoteSystem.jsonBody(job))
        .build();
  }

  /**
   * Rows, and how long the answer was that held them.
   *
   * @param bytes length of the answer
   */
  record Page<T>(List<T> rows, int bytes) {}

  /** Reads a job; one that is unknown is a {@link RemoteCallException} with status 404. */
  Page<Job> job(long id) throws RemoteCallException {
    Request request = get(reads.url("oapi", "v1", "jobs", Long.toString(id)));
    return call(() ->
        reads.read(
            request,
            JOBS,
            answer -> {
              Job job = read(answer, Job.class);
              return new Page<>(List.of(job), answer.bytes());
            }));
  }

  /**
   * Reads a page of preheat jobs, the newest first.
   *
   * @param page counted from 1
   */
  Page<Job> jobs(int page, int size) throws RemoteCallException {
    HttpUrl.Builder url =
        paged(reads.url("oapi", "v1", "jobs").addQueryParameter("type", "preheat"), page, size);
    return list(reads, get(url), JOBS, Job.class);
  }

  /** Removes the Manager's record of a job; the peers notice nothing of it. */
  void forget(long id) throws RemoteCallException {
    Request.Builder request =
        new Request.Builder()
            .url(reads.url("oapi", "v1", "jobs", Long.toString(id)).build())
            .delete();
    var _ = call(() -> reads.send(request.build(), AnswerLimit.RECEIPT));
  }

  /** Which nodes hold which blobs of an image; the Manager asks all of them before it answers. */
  Distribution distribution(JobRequest request) throws RemoteCallException {
    return call(() ->
        creates.read(
            post(request),
            JOBS.taking(creating().total()),
            answer -> read(answer, Distribution.class)));
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

  private AnswerLimit probing() {
    return AnswerLimit.PROBE.within(probes.settings().readTimeout());
  }

  /** A creation waits for its turn too, which is no time of the Manager's. */
  private AnswerLimit creating() {
    return JOBS.taking(creates.settings().readTimeout().plus(Duration.ofSeconds(30)));
  }

  private <T> Page<T> list(RemoteSystem system, Request request, AnswerLimit limit, Class<T> type)
      throws RemoteCallException {
    return call(() ->
        system.read(
            request,
            limit,
            answer -> {
              List<T> rows = new ArrayList<>();
              return readable(() -> {
                if (!answer.values(type, rows::add)) {
                  throw notTheApi();
                }
                return new Page<>(rows, answer.bytes());
              });
            }));
  }

  @FunctionalInterface
  private interface Call<T> {
    T run() throws RemoteCallException;
  }

  private static <T> T call(Call<T> call) throws RemoteCallException {
    try {
      return call.run();
    } catch (RemoteCallException e) {
      throw new RemoteCallException(
          e.failureClass(),
          e.reason(),
          e.status(),
          ManagerMessages.withoutCredentials(e.describe()) + advice(e),
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

  @FunctionalInterface
  private interface Reading<T> {
    T run() throws IOException;
  }

  private <T> T read(Answer answer, Class<T> type) throws IOException {
    return readable(() -> answer.value(type));
  }

  /** What cannot be read is not quoted. */
  private <T> T readable(Reading<T> reading) throws IOException {
    try {
      return reading.run();
    } catch (RemoteCallException e) {
      throw e.failureClass() == FailureClass.RETRY ? notTheApi() : e;
    }
  }

  private RemoteCallException notTheApi() {
    return unexpected(FailureClass.RETRY, "gave an answer that is not the JSON of its Open API");
  }

  private RemoteCallException unexpected(FailureClass failureClass, String what) {
    return new RemoteCallException(
        failureClass, Reason.UNEXPECTED_ANSWER, 200, reads.name() + " " + what, null, true, null);
  }
}
