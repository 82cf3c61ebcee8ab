package org.tlsuplift.server.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.authority.ListenerExpiry;

/** The days of an antique listener are counted down, and end. */
class AntiqueWatchTest {
  private static final LocalDate LAST_DAY = LocalDate.of(2027, 6, 30);
  private static final Instant END =
      LocalDate.of(2027, 7, 1).atStartOfDay(ZoneId.systemDefault()).toInstant();

  private final Logger logger = (Logger) LoggerFactory.getLogger(AntiqueWatch.class);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final List<String> retired = new ArrayList<>();
  private Instant now = END.minus(Duration.ofDays(3));

  private final AntiqueWatch watch =
      new AntiqueWatch(
          List.of(new ListenerExpiry("alarms", LAST_DAY)),
          retired::add,
          new Clock() {
            @Override
            public ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              return this;
            }

            @Override
            public Instant instant() {
              return now;
            }
          });

  @BeforeEach
  void listen() {
    logged.start();
    logger.addAppender(logged);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(logged);
  }

  private List<String> lines() {
    return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void logsTheRemainingDaysOnceADay() {
    watch.look();
    watch.look();
    now = now.plus(Duration.ofHours(23));
    watch.look();
    assertThat(lines())
        .containsExactly(
            "the antique listener alarms stops accepting after 2027-06-30, in 3 days; replace its"
                + " devices before that day");
    now = now.plus(Duration.ofHours(1));
    watch.look();
    assertThat(lines()).hasSize(2).last().asString().contains("in 2 days");
    assertThat(retired).isEmpty();
  }

  @Test
  void acceptsThroughoutTheLastDayAndNotAfterIt() {
    now = END.minusMillis(1);
    watch.look();
    assertThat(retired).isEmpty();
    now = END;
    watch.look();
    watch.look();
    assertThat(retired).containsExactly("alarms");
    assertThat(lines()).last().asString().contains("has stopped accepting", "2027-06-30");
    assertThat(lines()).hasSize(2);
  }
}
