package io.goharbor.preheat.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is late, and who gives way. */
class ConnectionStateTest {
  private static final ListenerLimits LIMITS =
      new ListenerLimits(
          4, 2, Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(120), 8192, 100);

  /** Close to where the clock of the JVM wraps. */
  private static final long START = Long.MAX_VALUE - Duration.ofSeconds(2).toNanos();

  @Test
  void no_byte_gives_a_stranger_more_time() {
    ConnectionState state = opened("10.0.0.1", 0);
    for (int second = 0; second <= 5; second++) {
      state = state.bytes(at(second));
      assertThat(state.late(LIMITS, at(second))).isFalse();
    }
    assertThat(state.late(LIMITS, at(5.1))).isTrue();
    assertThat(opened("10.0.0.1", 0).late(LIMITS, at(5.1))).as("who sends nothing").isTrue();
  }

  @Test
  void the_time_of_a_body_begins_with_the_first_byte_of_its_header() {
    ConnectionState body = opened("10.0.0.1", 0).bytes(at(1)).header(at(4)).recognised();
    assertThat(body.late(LIMITS, at(6))).isFalse();
    assertThat(body.late(LIMITS, at(6.1))).isTrue();
  }

  @Test
  void who_has_shown_who_he_is_may_be_idle_and_not_slow() {
    ConnectionState idle = known("10.0.0.1", 10);
    assertThat(idle.late(LIMITS, at(130))).isFalse();
    assertThat(idle.late(LIMITS, at(130.1))).isTrue();
    ConnectionState slow = idle.bytes(at(100));
    assertThat(slow.late(LIMITS, at(105))).isFalse();
    assertThat(slow.bytes(at(105)).late(LIMITS, at(105.1))).isTrue();
  }

  @Test
  void a_stranger_who_was_answered_has_as_long_again() {
    ConnectionState state = opened("10.0.0.1", 0).header(at(1)).answering(at(1)).answered(at(2));
    assertThat(state.late(LIMITS, at(7))).isFalse();
    assertThat(state.late(LIMITS, at(7.1))).isTrue();
  }

  @Test
  void an_answer_that_is_not_read_is_given_up() {
    ConnectionState state = opened("10.0.0.1", 0).header(at(1)).answering(at(2));
    assertThat(state.late(LIMITS, at(32))).isFalse();
    assertThat(state.late(LIMITS, at(32.1))).isTrue();
  }

  @Test
  void what_lies_unread_is_our_delay_but_for_a_header_that_does_not_end() {
    ConnectionState opened = opened("10.0.0.1", 0);
    assertThat(opened.mayWaitForUs()).isTrue();
    assertThat(opened.bytes(at(1)).mayWaitForUs()).isFalse();
    assertThat(opened.bytes(at(1)).header(at(2)).mayWaitForUs()).isTrue();
    assertThat(opened.header(at(2)).answering(at(3)).mayWaitForUs()).isFalse();
    assertThat(known("10.0.0.1", 0).mayWaitForUs()).isTrue();
  }

  @Test
  void the_oldest_stranger_gives_way_then_the_longest_idle_and_nobody_at_work() {
    ConnectionState atWork = opened("10.0.0.1", 0).header(at(0)).answering(at(0));
    ConnectionState idle = known("10.0.0.1", 1);
    ConnectionState idleLonger = known("10.0.0.1", 0);
    ConnectionState arriving = known("10.0.0.1", 0).bytes(at(1));
    ConnectionState stranger = opened("10.0.0.2", 3);
    ConnectionState olderStranger = opened("10.0.0.3", 2).bytes(at(4));
    List<ConnectionState> open =
        new ArrayList<>(List.of(atWork, idle, idleLonger, arriving, stranger, olderStranger));
    for (ConnectionState next : List.of(olderStranger, stranger, idleLonger, idle)) {
      assertThat(Eviction.forNew(open, Function.identity(), at(5))).contains(next);
      open.remove(next);
    }
    assertThat(Eviction.forNew(open, Function.identity(), at(5))).isEmpty();
  }

  @Test
  void who_has_just_come_is_waited_for_before_anybody_who_is_known_gives_way() {
    ConnectionState young = opened("10.0.0.2", 5);
    List<ConnectionState> open = List.of(known("10.0.0.1", 0), young);
    assertThat(Eviction.forNew(open, Function.identity(), at(5.2))).isEmpty();
    assertThat(Eviction.forNew(open, Function.identity(), at(5.3))).contains(young);
    assertThat(Eviction.overAddress(open, Function.identity(), 0, at(5.9))).isEmpty();
    assertThat(Eviction.overAddress(open, Function.identity(), 0, at(6.1))).containsExactly(young);
  }

  @Test
  void an_address_may_have_so_many_strangers() {
    ConnectionState oldest = opened("10.0.0.2", 0);
    List<ConnectionState> open =
        List.of(
            opened("10.0.0.2", 2),
            oldest,
            opened("10.0.0.2", 1),
            opened("10.0.0.3", 0),
            known("10.0.0.2", 0),
            known("10.0.0.2", 0),
            known("10.0.0.2", 0));
    assertThat(Eviction.overAddress(open, Function.identity(), 2, at(5))).containsExactly(oldest);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1, true",
    "10.0.0.1, 10.0.0.2, false",
    "::ffff:10.0.0.1, 10.0.0.1, true",
    "2001:db8:1:2::1, 2001:db8:1:2:ffff::9, true",
    "2001:db8:1:2::1, 2001:db8:1:3::1, false"
  })
  void all_of_an_ipv6_network_is_one_caller(String one, String other, boolean same) {
    assertThat(address(one).equals(address(other))).isEqualTo(same);
  }

  private static ConnectionState opened(String from, double second) {
    return ConnectionState.opened(address(from), at(second));
  }

  private static ConnectionState known(String from, double second) {
    return opened(from, second)
        .header(at(second))
        .recognised()
        .answering(at(second))
        .answered(at(second));
  }

  private static ClientAddress address(String literal) {
    return ClientAddress.of(InetAddress.ofLiteral(literal));
  }

  private static long at(double second) {
    return START + (long) (second * 1e9);
  }
}
