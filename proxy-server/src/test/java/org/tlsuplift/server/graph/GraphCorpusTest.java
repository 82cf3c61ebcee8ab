package org.tlsuplift.server.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.mail.Transport.Result;

/**
 * Sends each message of a directory as a draft to the stand-in, and compares what has arrived with
 * what Python's {@code email} reads: {@code -Duplift.corpus=DIR}.
 */
class GraphCorpusTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  @Test
  @EnabledIfSystemProperty(named = "uplift.corpus", matches = ".+")
  void arrivesAsPythonReadsIt() throws Exception {
    Path corpus = Path.of(System.getProperty("uplift.corpus"));
    Path arrived = directory.resolve("arrived.jsonl");
    int sent = 0;
    try (GraphRig rig = new GraphRig();
        Stream<Path> files = Files.list(corpus);
        BufferedWriter out = Files.newBufferedWriter(arrived)) {
      GraphTransport transport = rig.transport(false, -1);
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        Result result = GraphRig.send(transport, crlf(file), "a@corp.example");
        assertThat(result.accepted()).as(file + ": " + result.deferred()).hasSize(1);
        out.write(line(file, rig.graph.sent().remove(0)).toString());
        out.newLine();
        byte[] addressed = GraphRig.addressed(crlf(file), "a@corp.example");
        Files.write(directory.resolve(file.getFileName() + ".addressed"), addressed);
        sent++;
      }
      assertThat(rig.graph.violations()).isEmpty();
    }

    String compared = compare(arrived, corpus);

    assertThat(compared).contains("0 messages have other recipients");

    System.out.println(compared);
    // Some messages are broken in ways that Python does not name, or that each parser mends alone.
    assertThat(compared.lines().filter(line -> line.startsWith("DIFFERS")).count())
        .isLessThanOrEqualTo(sent / 100);
  }

  /** As SMTP has it: every line ends in CRLF. */
  private static byte[] crlf(Path file) throws Exception {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
        .replaceAll("\r\n|\r|\n", "\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static ObjectNode line(Path file, GraphStandIn.Message message) throws Exception {
    ObjectNode line = JSON.createObjectNode().put("file", file.getFileName().toString());
    line.set("fields", message.fields());
    ArrayNode attachments = line.putArray("attachments");
    for (GraphStandIn.Attachment each : message.attachments()) {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(each.content());
      attachments
          .addObject()
          .put("name", each.name())
          .put("type", each.fields().path("contentType").asText())
          .put("sha256", HexFormat.of().formatHex(hash));
    }
    return line;
  }

  private String compare(Path arrived, Path corpus) throws Exception {
    Path program = directory.resolve("compare.py");
    try (InputStream source = GraphCorpusTest.class.getResourceAsStream("graph_corpus.py")) {
      Files.write(program, source.readAllBytes());
    }
    Process python =
        new ProcessBuilder(
                List.of("python3", program.toString(), arrived.toString(), corpus.toString()))
            .redirectErrorStream(true)
            .start();
    String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    python.waitFor();
    return output.strip();
  }
}
