package org.tlsuplift.server.manual;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The manual in the jar. */
class ManualTest {
  private static final Manual MANUAL = Manual.get();

  @Test
  void hasThePagesThatTheIndexListsInItsOrder() {
    List<String> topics = MANUAL.pages().stream().map(ManualPage::topic).toList();
    assertThat(topics)
        .contains("metrics", "configuration", "commands", "handshake-matrix")
        .doesNotContain(Manual.INDEX)
        .doesNotHaveDuplicates();
    assertThat(MANUAL.page("metrics").orElseThrow().title().title()).isEqualTo("Metrics");
    assertThat(MANUAL.page(Manual.INDEX)).contains(MANUAL.index());
  }

  @Test
  void findsNoPageByAnUnknownName() {
    for (String name :
        List.of(
            "", "nowhere", "../manual/index", "index.md", "metrics.md", "Manual.class", "/etc")) {
      assertThat(MANUAL.page(name)).as(name).isEmpty();
      assertThat(MANUAL.file(name)).as(name).isEmpty();
    }
    assertThat(MANUAL.file("config/../index.md")).isEmpty();
  }

  @Test
  void hasTheFilesThatItsPagesLinkTo() {
    ManualFile file = MANUAL.file("config/tls-uplift.yaml").orElseThrow();
    assertThat(file.contentType()).isEqualTo("text/plain; charset=utf-8");
    assertThat(file.text()).contains("# TLS Uplift: the configuration.\n", "dataDirectory:");
    assertThat(MANUAL.files()).contains("config/tls-uplift.yaml");
  }

  @Test
  void findsSectionsByAllWordsInAnyCase() {
    assertThat(MANUAL.search("LEGACY handshakes"))
        .extracting(ManualMatch::target)
        .contains("metrics#tlsuplift_legacy_handshakes_total");
    assertThat(MANUAL.search("metrics"))
        .first()
        .satisfies(match -> assertThat(match.section()).isEmpty());
    assertThat(MANUAL.search("configuration proxyProtocol"))
        .extracting(ManualMatch::target)
        .contains("configuration#listenersproxyprotocol");
    assertThat(MANUAL.search("metrics nonsense")).isEmpty();
    assertThat(MANUAL.search(" ")).isEmpty();
  }
}
