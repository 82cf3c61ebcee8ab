package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operator's names, as spreadsheets and editors save them. */
class DeviceNamesFileTest {
  private @TempDir Path directory;

  private Map<InetAddress, String> read(String text) throws IOException {
    return DeviceNamesReader.read(Files.writeString(directory.resolve("names.csv"), text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.1.2.3,printer\nfd00::7,\"scanner, 2nd floor\"\n",
        "\ufeff10.1.2.3;printer\r\nfd00::7;scanner, 2nd floor\r\n",
        "\ufeffAddress,Name\n\n10.1.2.3, printer \nfd00::7,\"scanner, 2nd floor\"",
        "\"IP address\";\"Name\"\n10.1.2.3;printer\nfd00::7;scanner, 2nd floor"
      })
  void readsNamesAndAddresses(String text) throws Exception {
    assertThat(read(text))
        .containsOnly(
            Map.entry(InetAddress.getByName("10.1.2.3"), "printer"),
            Map.entry(InetAddress.getByName("fd00::7"), "scanner, 2nd floor"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.1.2.300,printer", "fd00::7::,scanner", "10.1.2.3,", "10.1.2.0/24,floor"})
  void aWrongFirstLineIsRefused(String text) {
    assertThatThrownBy(() -> read(text + "\n10.1.2.4,other\n"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("line 1: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\ufeffIP;Name;MAC\r\n10.1.2.3;printer;00-1B-63-84-45-E6\r\nfd00::7;001b638445e7\r\n",
        "10.1.2.3,\"printer\",\"00:1b:63:84:45:e6\"\nfd00::7,001b638445e7\n",
        "10.1.2.3,printer,001b.6384.45e6\nfd00::7,001b638445e7"
      })
  void readsMacAddressesAfterTheNames(String text) throws Exception {
    assertThat(read(text))
        .containsOnly(
            Map.entry(InetAddress.getByName("10.1.2.3"), "printer"),
            Map.entry(InetAddress.getByName("fd00::7"), "001b638445e7"));
    assertThat(DeviceNamesReader.macs(directory.resolve("names.csv")))
        .containsOnly(Map.entry("001b638445e6", "10.1.2.3"));
    assertThat(DeviceNamesReader.macs(null)).isEmpty();
  }

  @Test
  void aWrongAddressIsRefusedWithExamples() {
    assertThatThrownBy(() -> read("address,name\nprinter,10.1.2.3\n"))
        .hasMessage(
            "line 2: 'printer' is not an IPv4 or IPv6 address; write 10.1.2.3 or 2001:db8::7");
  }
}
