package org.tlsuplift.proxy.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a plain HTTP response is where RFC 9112 puts it, however its bytes are divided. */
class ResponseEndTest {
  private static HttpResponse head(int status, String... fields) {
    HttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    for (int at = 0; at < fields.length; at += 2) {
      head.headers().add(fields[at], fields[at + 1]);
    }
    return head;
  }

  private static HttpResponse chunked() {
    return head(200, "Transfer-Encoding", "chunked");
  }

  private static void write(ResponseEnd end, String... parts) {
    EmbeddedChannel device = new EmbeddedChannel(end);
    for (String part : parts) {
      device.writeOutbound(Unpooled.copiedBuffer(part, US_ASCII));
    }
    device.finishAndReleaseAll();
  }

  private static boolean isCompleteAfter(HttpResponse head, String... parts) {
    ResponseEnd end = ResponseEnd.of(head, false);
    write(end, parts);
    return end.isComplete();
  }

  @Test
  void completesALengthWithItsLastByte() {
    HttpResponse three = head(200, "Content-Length", "3");
    assertThat(isCompleteAfter(three)).isFalse();
    assertThat(isCompleteAfter(three, "C", "R")).isFalse();
    assertThat(isCompleteAfter(three, "C", "RL")).isTrue();
    assertThat(isCompleteAfter(three, "CRL and more")).isTrue();
    assertThat(isCompleteAfter(head(200, "Content-Length", "0"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"200, true, true", "200, false, false", "204, false, true", "304, false, true"})
  void aResponseWithoutContentIsCompleteAtOnce(int status, boolean toHead, boolean complete) {
    HttpResponse head = head(status, "Content-Length", "3");
    assertThat(ResponseEnd.of(head, toHead).isComplete()).isEqualTo(complete);
    assertThat(ResponseEnd.of(head(status), toHead).isComplete()).isEqualTo(complete);
  }

  @Test
  void onlyTheEndOfTheStreamCompletesAResponseWithoutLength() {
    ResponseEnd stream = ResponseEnd.of(head(200), false);
    write(stream, "CRL", "0\r\n\r\n");
    assertThat(stream.isComplete()).isFalse();
    stream.streamEnded();
    assertThat(stream.isComplete()).isTrue();

    ResponseEnd length = ResponseEnd.of(head(200, "Content-Length", "9"), false);
    write(length, "CRL");
    length.streamEnded();
    assertThat(length.isComplete()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3\r\nCRL\r\n0\r\n\r\n",
        "003;name=\"0\"\r\nCRL\r\n0;last\r\n\r\n",
        "3 \r\nCRL\r\n000\r\nTrailer: 0\r\nOther: 1\r\n\r\n",
        "1a\r\nabcdefghijklmnopqrstuvwxyz\r\nA\r\n0\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
        "3\nCRL\n0\n\n",
        "0\r\n\r\n",
      })
  void completesChunksWithTheLastLine(String content) {
    assertThat(isCompleteAfter(chunked(), content)).as("at once").isTrue();
    assertThat(isCompleteAfter(chunked(), content.split("", -1))).as("byte by byte").isTrue();
    for (int cut = 0; cut < content.length(); cut++) {
      String part = content.substring(0, cut);
      assertThat(isCompleteAfter(chunked(), part)).as("cut at %d", cut).isFalse();
      assertThat(isCompleteAfter(chunked(), part, content.substring(cut))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n0\r\n\r\n",
        ";3\r\nCRL\r\n0\r\n\r\n",
        "x\r\nCRL\r\n0\r\n\r\n",
        "3\r\nCRL0\r\n\r\n",
        "3\r\nCRLs\r\n0\r\n\r\n",
        "fffffffffffffffff\r\n0\r\n\r\n",
        "-1\r\n0\r\n\r\n",
      })
  void chunksThatAreNotValidAreNeverComplete(String content) {
    assertThat(isCompleteAfter(chunked(), content)).isFalse();
    assertThat(isCompleteAfter(chunked(), content.split("", -1))).isFalse();
  }

  @Test
  void aLengthBesideChunksDoesNotCount() {
    HttpResponse both = head(200, "Content-Length", "3", "Transfer-Encoding", "chunked");
    assertThat(isCompleteAfter(both, "3\r\nCRL\r\n")).isFalse();
    assertThat(isCompleteAfter(both, "3\r\nCRL\r\n0\r\n\r\n")).isTrue();
  }

  /** A device whose socket is full for some time. */
  private static final class SlowDevice extends EmbeddedChannel {
    private boolean full = true;

    SlowDevice(ResponseEnd end) {
      super(end);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws Exception {
      if (!full) {
        super.doWrite(out);
      }
    }
  }

  @Test
  void isDeliveredWhenTheLastWriteIsDone() {
    ResponseEnd end = ResponseEnd.of(head(200, "Content-Length", "3"), false);
    SlowDevice device = new SlowDevice(end);
    List<Boolean> delivered = new ArrayList<>();

    var unused = device.write(Unpooled.copiedBuffer("CRL", US_ASCII));
    delivered.add(end.isDelivered(device));
    device
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(written -> delivered.add(end.isDelivered(device)));
    delivered.add(end.isDelivered(device));
    device.full = false;
    device.flush();

    assertThat(delivered).containsExactly(false, false, true);
    device.finishAndReleaseAll();
  }
}
