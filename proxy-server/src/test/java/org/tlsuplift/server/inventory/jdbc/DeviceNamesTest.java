package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.inventory.DeviceNaming;
import org.tlsuplift.server.inventory.record.Sightings;

/** Devices come to their names without anybody waiting for them. */
class DeviceNamesTest {
  private static final InetAddress PRINTER = Sightings.address("10.0.0.1");
  private static final InetAddress SCANNER = Sightings.address("10.0.0.2");

  private final List<InetAddress> asked = new CopyOnWriteArrayList<>();

  private String resolve(InetAddress address) {
    asked.add(address);
    return address.equals(SCANNER) ? "scanner.corp.example" : "";
  }

  @Test
  void theOperatorsNameIsUsedWithoutALookup() {
    try (DeviceNames names =
        new DeviceNames(new DeviceNaming(Map.of(PRINTER, "printer"), true), this::resolve)) {
      names.seen(PRINTER);
      assertThat(names.answers()).containsExactly(Map.entry("10.0.0.1", "printer"));
      assertThat(names.given()).containsExactly(Map.entry("10.0.0.1", "printer"));
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void theNameServiceIsAskedOnce() {
    try (DeviceNames names = new DeviceNames(new DeviceNaming(Map.of(), true), this::resolve)) {
      for (int i = 0; i < 5; i++) {
        names.seen(SCANNER);
        names.seen(PRINTER);
      }
      assertThat(awaited(names, 2))
          .containsOnly(Map.entry("10.0.0.2", "scanner.corp.example"), Map.entry("10.0.0.1", ""));
      names.seen(SCANNER);
      assertThat(names.answers()).isEmpty();
    }
    assertThat(asked).containsExactlyInAnyOrder(SCANNER, PRINTER);
  }

  @Test
  void whileOneThreadAsksForADeviceTheOtherDoesNot() {
    CountDownLatch answer = new CountDownLatch(1);
    try (DeviceNames names =
        new DeviceNames(
            new DeviceNaming(Map.of(), true),
            address -> {
              String name = resolve(address);
              try {
                answer.await();
              } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
              }
              return name;
            })) {
      names.seen(PRINTER);
      names.seen(PRINTER);
      names.seen(SCANNER);
      await().untilAsserted(() -> assertThat(asked).containsExactlyInAnyOrder(PRINTER, SCANNER));
      answer.countDown();
      assertThat(awaited(names, 2)).containsOnlyKeys("10.0.0.1", "10.0.0.2");
    }
    assertThat(asked).hasSize(2);
  }

  @Test
  void doesNotQueryADisabledNameService() {
    try (DeviceNames names = new DeviceNames(new DeviceNaming(Map.of(), false), this::resolve)) {
      names.seen(SCANNER);
      assertThat(names.answers()).containsExactly(Map.entry("10.0.0.2", ""));
    }
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"<script>", "a b", "=1+1", "x\u001b[2J", "-rf", "\u00fcber.example"})
  void ignoresInvalidHostNames(String hostile) {
    try (DeviceNames names =
        new DeviceNames(new DeviceNaming(Map.of(), true), address -> hostile)) {
      names.seen(SCANNER);
      assertThat(awaited(names, 1)).containsExactly(Map.entry("10.0.0.2", ""));
    }
  }

  @Test
  void aNameServiceThatHangsBlocksNoOtherThread() {
    CountDownLatch never = new CountDownLatch(1);
    try (DeviceNames names =
        new DeviceNames(
            new DeviceNaming(Map.of(), true),
            address -> {
              try {
                never.await();
              } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
              }
              return "";
            })) {
      for (int i = 0; i < 50_000; i++) {
        names.seen(Sightings.address("10.1." + i / 250 + "." + i % 250));
      }
      assertThat(names.waiting()).isLessThanOrEqualTo(DeviceNames.MAX_WAITING);
    }
  }

  private static Map<String, String> awaited(DeviceNames names, int size) {
    AtomicReference<Map<String, String>> all = new AtomicReference<>(Map.of());
    await()
        .until(
            () -> {
              Map<String, String> more = new HashMap<>(all.get());
              more.putAll(names.answers());
              all.set(more);
              return more.size() == size;
            });
    return all.get();
  }
}
