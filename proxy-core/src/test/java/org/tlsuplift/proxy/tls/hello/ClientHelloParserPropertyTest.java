package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Properties for any bytes that a device may send. */
class ClientHelloParserPropertyTest {
  @Property
  void neverThrowsAndNeverConsumes(@ForAll @Size(max = 200) byte[] bytes) {
    checkEveryPrefix(Unpooled.wrappedBuffer(bytes));
  }

  @Property
  void neverThrowsOnAHelloOfAnyBody(@ForAll @Size(max = 120) byte[] body) {
    checkEveryPrefix(HelloBytes.records(1, HelloBytes.digits(Unpooled.wrappedBuffer(body)), 50));
  }

  @Property
  void neverThrowsOnAHelloWithBytesChanged(
      @ForAll("hellos") HelloBytes hello, @ForAll long seed, @ForAll @IntRange(max = 6) int count) {
    ByteBuf in = hello.bytes();
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      in.setByte(random.nextInt(in.readableBytes()), random.nextInt());
    }
    checkEveryPrefix(in);
  }

  @Property
  void resultDoesNotDependOnRecordBoundaries(
      @ForAll("hellos") HelloBytes hello, @ForAll @IntRange(min = 1, max = 300) int size) {
    assertThat(ClientHelloParser.parse(hello.records(size)))
        .isInstanceOf(HelloParse.Parsed.class)
        .isEqualTo(ClientHelloParser.parse(hello.bytes()));
  }

  @Property
  void neverThrowsOnAServerHelloOfAnyBody(@ForAll @Size(max = 120) byte[] body) {
    ByteBuf in = HelloBytes.records(2, HelloBytes.digits(Unpooled.wrappedBuffer(body)), 50);
    for (int length = 1; length <= in.readableBytes(); length++) {
      ServerHelloParser.Answer answer = ServerHelloParser.parse(in.slice(0, length));
      assertThat(answer instanceof ServerHelloParser.Answer.NeedMore more && more.bytes() <= length)
          .isFalse();
    }
  }

  @Provide
  Arbitrary<HelloBytes> hellos() {
    return Arbitraries.integers()
        .between(1, 40)
        .flatMap(
            suites ->
                Arbitraries.strings()
                    .alpha()
                    .ofMinLength(1)
                    .ofMaxLength(60)
                    .map(
                        name ->
                            HelloBytes.hello("0303", "c02f".repeat(suites))
                                .serverName(name)
                                .alpn(name, "h2")
                                .supportedVersions("0a0a03040303")
                                .groups("001d0017")));
  }

  /**
   * Byte by byte: no exception, no changed decision, and each request is for more bytes than there
   * are.
   */
  private static void checkEveryPrefix(ByteBuf in) {
    HelloParse decision = null;
    for (int length = 0; length <= in.readableBytes(); length++) {
      ByteBuf prefix = in.slice(0, length);
      HelloParse parse = ClientHelloParser.parse(prefix);
      assertThat(prefix.readableBytes()).isEqualTo(length);
      if (parse instanceof HelloParse.NeedMore more) {
        assertThat(decision).isNull();
        assertThat(more.bytes()).isGreaterThan(length);
      } else {
        assertThat(decision == null || decision.equals(parse)).isTrue();
        decision = parse;
      }
    }
  }
}
