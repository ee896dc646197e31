package io.goharbor.preheat.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.e2e.world.OperatorProcess;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks for the operator's life again and again, as the kubelet does, and knows whether the process
 * is still the one that was started.
 */
final class Pulse implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final OperatorProcess operator;
  private final ProcessHandle process;
  private final List<String> missed = new ArrayList<>();
  private final Thread asking;
  private int inARow;
  private int worst;
  private volatile boolean ended;

  Pulse(OperatorProcess operator) {
    this.operator = operator;
    this.process = operator.handle();
    this.asking = Thread.ofPlatform().daemon().name("pulse").start(this::run);
  }

  private void run() {
    while (!ended) {
      boolean lives = lives();
      synchronized (this) {
        inARow = lives ? 0 : inARow + 1;
        worst = Math.max(worst, inARow);
        if (!lives) {
          missed.add(Instant.now().toString());
        }
      }
      try {
        Thread.sleep(Duration.ofMillis(500));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private boolean lives() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create(operator.managementUrl() + "/livez").toURL().openConnection();
      connection.setConnectTimeout((int) LIMIT.toMillis());
      connection.setReadTimeout((int) LIMIT.toMillis());
      return connection.getResponseCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Fails when the process ended, or when so many answers in a row were missing that the chart's
   * probe would have ended it.
   */
  synchronized void check() {
    assertThat(process.isAlive()).as(() -> "the operator lives\n" + end()).isTrue();
    assertThat(operator.output()).doesNotContain("OutOfMemoryError", "StackOverflowError");
    assertThat(worst).as("answers of /livez missing in a row: %s", missed).isLessThan(3);
  }

  private String end() {
    String output = operator.output();
    return output.substring(Math.max(0, output.length() - 4000));
  }

  @Override
  public void close() {
    ended = true;
    asking.interrupt();
  }
}
