package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ForwardedHeadersTest {
  @Test
  void responseClosesItsConnection() {
    HttpResponse answer =
        new DefaultHttpResponse(HttpVersion.HTTP_1_0, HttpResponseStatus.NOT_MODIFIED);
    answer
        .headers()
        .add("ETag", "\"a\"")
        .add("Set-Cookie", "a=b")
        .add("Set-Cookie", "c=d")
        .add("Connection", "keep-alive, X-Hop")
        .add("connection", "Transfer-Encoding, Content-Length")
        .add("X-Hop", "1")
        .add("Keep-Alive", "timeout=5")
        .add("Proxy-Authenticate", "Basic realm=\"origin\"")
        .add("Upgrade", "h2c")
        .add("Transfer-Encoding", "chunked")
        .add("Trailer", "X-Sum");

    HttpResponse rewritten = ForwardedHeaders.rewritten(answer);

    assertThat(rewritten.protocolVersion()).isEqualTo(HttpVersion.HTTP_1_1);
    assertThat(rewritten.status()).isEqualTo(HttpResponseStatus.NOT_MODIFIED);
    assertThat(rewritten.headers())
        .extracting(Map.Entry::toString)
        .containsExactlyInAnyOrder(
            "ETag=\"a\"",
            "Set-Cookie=a=b",
            "Set-Cookie=c=d",
            // The content stays unchanged, and so do the fields about its length.
            "Transfer-Encoding=chunked",
            "Trailer=X-Sum",
            "Via=1.0 tls-uplift",
            "Connection=close");
  }

  @Test
  void recognisesARequestThatPassedATlsUplift() {
    HttpHeaders headers =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK).headers();
    assertThat(ForwardedHeaders.cameThroughUs(headers)).isFalse();
    headers.add("Via", "1.1 tls-uplift.example, 1.1 squid (tls-uplift), tls-uplift, ,");
    assertThat(ForwardedHeaders.cameThroughUs(headers)).isFalse();
    headers.add("Via", "1.0 a,  HTTP/1.1\tTLS-Uplift");
    assertThat(ForwardedHeaders.cameThroughUs(headers)).isTrue();
  }
}
