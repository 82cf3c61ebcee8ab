package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.tls.hello.ClientHelloParserTest.parsed;
import static org.tlsuplift.proxy.tls.hello.HelloBytes.hello;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples in FoxIO's technical details of JA4. */
class Ja4Test {
  private static final String SUITES =
      "130113021303c02bc02fc02cc030cca9cca8c013c014009c009d002f0035";
  private static final String ALGORITHMS = "04030804040105030805050108060601";

  /** The ClientHello of the example, with the extensions in its order. */
  private static HelloBytes chrome() {
    return hello("0303", "eaea" + SUITES)
        .extension("7a7a", "")
        .extension("001b", "")
        .serverName("a.example")
        .extension("0033", "")
        .alpn("h2", "http/1.1")
        .extension("4469", "")
        .extension("0017", "")
        .extension("002d", "");
  }

  @Test
  void agreesWithThePublishedExample() {
    HelloBytes hello =
        rest(chrome().signatureAlgorithms(ALGORITHMS)).supportedVersions("1a1a03040303");
    assertThat(parsed(hello.bytes()).ja4()).isEqualTo("t13d1516h2_8daaf6152771_e5627efa2ab1");
  }

  @Test
  void agreesWithThePublishedExampleWithoutSignatureAlgorithms() {
    HelloBytes hello = rest(chrome().extension("000d", "0000")).supportedVersions("1a1a03040303");
    assertThat(parsed(hello.bytes()).ja4()).isEqualTo("t13d1516h2_8daaf6152771_6d807ffa2a79");
  }

  private static HelloBytes rest(HelloBytes hello) {
    return hello
        .extension("0005", "")
        .extension("0023", "")
        .extension("0012", "")
        .extension("ff01", "00")
        .extension("000b", "0100")
        .groups("1a1a001d")
        .extension("0015", "");
  }

  @ParameterizedTest
  @CsvSource({
    "ab, ab",
    "20, 20",
    "abcd, ad",
    "2061, 21",
    "30ab, 3b",
    "6120, 60",
    "3031abcd, 3d",
    "30abcd31, 01",
    "61, aa",
    "687474702f312e31, h1"
  })
  void usesFirstAndLastCharacterOfTheFirstAlpnName(String hex, String ends) {
    String name = new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    assertThat(parsed(hello("0303", "c02f").alpn(name).bytes()).ja4())
        .startsWith("t12i0101" + ends);
  }

  @ParameterizedTest
  @CsvSource({"0300, s3", "0301, 10", "0302, 11", "0303, 12", "0399, 00"})
  void namesTheAnnouncedVersion(String code, String name) {
    assertThat(parsed(hello(code, "0005").bytes()).ja4())
        .startsWith("t" + name + "i010000_")
        .endsWith("_000000000000");
  }

  @Test
  void countsNoFurtherThan99() {
    assertThat(parsed(hello("0301", "0005".repeat(120)).bytes()).ja4()).startsWith("t10i990000_");
  }

  @Test
  void seesAServerNameEvenIfItIsUnusable() {
    assertThat(parsed(hello("0301", "0005").serverName("10.0.0.1").bytes()).ja4())
        .startsWith("t10d010100_")
        .endsWith("_000000000000");
  }
}
