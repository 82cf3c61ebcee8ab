package org.tlsuplift.server.it.matrix;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/** Each device of each row at each server, tried for real. */
final class HandshakeMatrix {
  private static final int AT_ONCE = 4;

  private final List<MatrixRow> rows;
  private final List<Contestant> contestants;
  private final Map<Place, List<MatrixTrial>> trials;

  private record Place(MatrixRow row, Contestant contestant) {}

  private HandshakeMatrix(
      List<MatrixRow> rows, List<Contestant> contestants, Map<Place, List<MatrixTrial>> trials) {
    this.rows = rows;
    this.contestants = contestants;
    this.trials = trials;
  }

  /** Tries them all, a few at once. */
  static HandshakeMatrix measure(List<MatrixRow> rows, List<Contestant> contestants) {
    ExecutorService devices = Executors.newFixedThreadPool(AT_ONCE);
    try {
      Map<Place, List<Future<MatrixTrial>>> running = new LinkedHashMap<>();
      for (MatrixRow row : rows) {
        for (Contestant contestant : contestants) {
          running.put(
              new Place(row, contestant),
              row.stacks().stream()
                  .map(stack -> devices.submit(() -> MatrixTrial.hold(row, stack, contestant)))
                  .toList());
        }
      }
      Map<Place, List<MatrixTrial>> done = new LinkedHashMap<>();
      running.forEach(
          (place, held) -> done.put(place, held.stream().map(HandshakeMatrix::get).toList()));
      return new HandshakeMatrix(rows, contestants, done);
    } finally {
      devices.shutdownNow();
    }
  }

  List<MatrixRow> rows() {
    return rows;
  }

  List<Contestant> contestants() {
    return contestants;
  }

  /** Those of one place of the table, one for each stack. */
  List<MatrixTrial> trials(MatrixRow row, Contestant contestant) {
    return trials.getOrDefault(new Place(row, contestant), List.of());
  }

  /** Whether a server serves any device of a row. */
  boolean serves(MatrixRow row, Contestant contestant) {
    return trials(row, contestant).stream()
        .anyMatch(trial -> trial.cell() instanceof MatrixCell.Served);
  }

  /** What stands in one place of the table; stacks that fared differently are told apart. */
  String text(MatrixRow row, Contestant contestant) {
    return trials(row, contestant).stream()
        .map(trial -> trial.cell().toString())
        .distinct()
        .collect(Collectors.joining(" / "));
  }

  private static MatrixTrial get(Future<MatrixTrial> trial) {
    try {
      return trial.get();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    } catch (ExecutionException failed) {
      throw new AssertionError("a device could not be tried: " + failed.getCause(), failed);
    }
  }
}
