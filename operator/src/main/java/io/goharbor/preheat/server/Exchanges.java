package io.goharbor.preheat.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Between the library and a service: requests go in, answers come out, and so do refusals. */
final class Exchanges extends Handler.Abstract {
  private static final Logger log = LoggerFactory.getLogger(Exchanges.class);

  private final Service service;
  private final ListenerLimits limits;

  Exchanges(Service service, ListenerLimits limits, InvocationType type) {
    super(type);
    this.service = service;
    this.limits = limits;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    ClientConnection connection =
        LimitedEndPoint.connection(request.getConnectionMetaData().getConnection().getEndPoint());
    long now = System.nanoTime();
    connection.become(at -> at.header(now));
    Request.addCompletionListener(
        request,
        _ -> {
          long end = System.nanoTime();
          connection.become(at -> at.answered(end));
        });
    Exchange exchange = new Exchange(request, connection);
    try {
      service.threads(exchange).execute(() -> answer(exchange, request, response, callback));
    } catch (RejectedExecutionException e) {
      write(response, callback, service.error(503, "too many requests of this kind; ask again"));
    }
    return true;
  }

  private void answer(Exchange exchange, Request request, Response response, Callback callback) {
    Reply answer;
    try {
      answer =
          request.getHeaders().size() > limits.headers()
              ? service.error(431, "more than " + limits.headers() + " header fields")
              : service.answer(exchange);
    } catch (IOException e) {
      HttpException bad = bad(e);
      // Without one the caller went away or was cut, and whatever is said now is for the metrics.
      answer =
          bad == null ? service.error(408, "the request did not arrive in time") : refusal(bad);
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("A request failed");
      answer = service.error(500, "the operator met an error of its own");
    }
    exchange.answering();
    write(response, callback, answer);
  }

  /** What the library finds wrong with a request, or cannot serve. */
  boolean badRequest(Request request, Response response, Callback callback) {
    HttpException bad = bad((Throwable) request.getAttribute(ErrorHandler.ERROR_EXCEPTION));
    write(
        response,
        callback,
        bad == null
            ? service.error(response.getStatus(), HttpStatus.getMessage(response.getStatus()))
            : refusal(bad));
    return true;
  }

  private static @Nullable HttpException bad(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpException bad) {
        return bad;
      }
    }
    return null;
  }

  private Reply refusal(HttpException bad) {
    String reason = bad.getReason();
    return service.error(
        bad.getCode(),
        reason == null || reason.isEmpty() ? HttpStatus.getMessage(bad.getCode()) : reason);
  }

  private void write(Response response, Callback callback, Reply answer) {
    service.answered(answer.status());
    response.setStatus(answer.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.contentType());
    answer.headers().forEach((name, value) -> response.getHeaders().put(name, value));
    response.write(true, ByteBuffer.wrap(answer.body()), callback);
  }
}
