package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.feature.Part;
import org.tlsuplift.server.feature.Running;
import org.tlsuplift.server.process.OpenedResources;

/** The daemon treats all features alike, in the order of their list. */
class RunningFeaturesTest {
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final List<Sample> samples = List.of(new Sample("a"), new Sample("b"), new Sample("c"));
  private final RunningFeatures features;
  private final ServerConfig config;

  RunningFeaturesTest() throws Exception {
    config = ConfigLoader.loadDefault().config();
    features =
        new RunningFeatures(
            samples.stream()
                .<RunningFeatures.Entry<?>>map(
                    each -> new RunningFeatures.Entry<>(each, ServerConfig::dataDirectory))
                .toList());
  }

  private final class Sample implements Running<Object> {
    private final String name;
    private int generation;
    private boolean fails;

    private Sample(String name) {
      this.name = name;
    }

    @Override
    public Part prepare(Object section, OpenedResources undo) throws OperatorException {
      if (fails) {
        throw new OperatorException(name + " cannot");
      }
      generation++;
      String own = name + generation;
      events.add("prepare " + own);
      undo.add(() -> events.add("undo " + own));
      return new Part() {
        @Override
        public void commit() {
          events.add("commit " + own);
        }

        @Override
        public void supersede() {
          events.add("supersede " + own);
        }

        @Override
        public void release() {
          events.add("release " + own);
        }
      };
    }

    @Override
    public void start() {
      events.add("start " + name);
    }

    @Override
    public void drain(Duration limit) {
      events.add("drain " + name);
    }

    @Override
    public void close() {
      events.add("close " + name);
    }
  }

  private RunningFeatures.Prepared use() throws Exception {
    try (OpenedResources undo = new OpenedResources()) {
      RunningFeatures.Prepared next = features.prepare(config, undo);
      undo.keep();
      features.commit(next);
      return next;
    }
  }

  @Test
  void supersedesTheOldAndCommitsTheNewInTheOrderOfTheList() throws Exception {
    RunningFeatures.Prepared first = use();
    features.start();
    events.clear();
    use();
    first.release();
    assertThat(events)
        .containsExactly(
            "prepare a2",
            "prepare b2",
            "prepare c2",
            "supersede a1",
            "commit a2",
            "supersede b1",
            "commit b2",
            "supersede c1",
            "commit c2",
            "release a1",
            "release b1",
            "release c1");
  }

  @Test
  void aRefusalAtAnyFeatureDiscardsWhatWasPreparedAndCommitsNothing() throws Exception {
    for (int i = 0; i < samples.size(); i++) {
      use();
      events.clear();
      Sample failing = samples.get(i);
      failing.fails = true;
      List<String> expected = new ArrayList<>();
      for (int before = 0; before < i; before++) {
        expected.add("prepare " + samples.get(before).name + (samples.get(before).generation + 1));
      }
      for (int before = i; before-- > 0; ) {
        expected.add("undo " + samples.get(before).name + (samples.get(before).generation + 1));
      }
      assertThatThrownBy(this::use).hasMessage(failing.name + " cannot");
      assertThat(events).isEqualTo(expected);
      failing.fails = false;
    }
  }

  @Test
  void drainsAllAndClosesTheLastFirst() throws Exception {
    use();
    events.clear();
    features.drain(Duration.ZERO);
    assertThat(events).containsExactlyInAnyOrder("drain a", "drain b", "drain c");
    events.clear();
    features.close();
    assertThat(events).containsExactly("close c", "close b", "close a");
  }
}
