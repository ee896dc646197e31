package io.goharbor.preheat.http;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Lets only the leader send. As a network interceptor it decides when the connection stands and the
 * next thing is to write the request, so nothing that waited for long slips through.
 *
 * <p>Safe for concurrent use.
 */
public final class SendGate {
  /** Lets everything pass. */
  public static final SendGate OPEN = new SendGate(() -> true);

  private final BooleanSupplier leads;
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * A gate.
   *
   * @param leads whether this process may send now; asked for each request
   */
  public SendGate(BooleanSupplier leads) {
    this.leads = leads;
  }

  /** An interceptor for requests that only the leader makes. */
  public Interceptor all() {
    return only(request -> true);
  }

  /**
   * An interceptor for the Kubernetes API, where every replica reads and only the leader writes.
   */
  public Interceptor writes() {
    return only(request -> !request.method().equals("GET"));
  }

  /** Requests that were let through and are not answered yet. */
  public int underWay() {
    return underWay.get();
  }

  private Interceptor only(Predicate<Request> gated) {
    return chain -> gated.test(chain.request()) ? pass(chain) : chain.proceed(chain.request());
  }

  private Response pass(Interceptor.Chain chain) throws IOException {
    // Counted before it is asked: who shuts the gate and then counts must not miss it.
    underWay.incrementAndGet();
    try {
      if (!leads.getAsBoolean()) {
        throw new IOException("this replica does not lead, so the request was not sent");
      }
      return chain.proceed(chain.request());
    } finally {
      underWay.decrementAndGet();
    }
  }
}
