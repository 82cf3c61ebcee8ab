package org.tlsuplift.proxy.context;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import org.tlsuplift.proxy.model.Explanation;

/**
 * A log line of at most {@value #MAX_LENGTH} characters: the event, the cause, the remedy, and then
 * the fields. The remedy ends within the first {@value #MAX_MESSAGE} characters. If a line is too
 * long, it loses optional fields; then the cause is cut, then the fields that may be cut.
 *
 * <p>Characters that could end a line or steer a terminal become question marks, and quotation
 * marks become apostrophes, so that no text grows when it is printed.
 */
final class SessionLine {
  /** The console prints a time and a level before it, which makes 300. */
  static final int MAX_LENGTH = 269;

  static final int MAX_MESSAGE = 160;

  /** Longer remedies are cut. */
  static final int MAX_REMEDY = 100;

  /** A colon and a space after the event, a semicolon and a space before the remedy. */
  private static final int SEPARATORS = 4;

  private static final int SHORT_CAUSE = 32;
  private static final int SHORT_VALUE = 16;
  private static final String DOTS = "...";

  private final String event;
  private final String cause;
  private final String remedy;
  private final List<Field> fields = new ArrayList<>();

  private enum Length {
    FIXED,
    MAY_BE_CUT,
    OPTIONAL
  }

  private record Field(String name, String value, Length kind) {
    /** As it is printed: a space, the name, an equals sign, and the value in quotation marks. */
    int length() {
      return value.isEmpty() ? 0 : name.length() + value.length() + 4;
    }

    Field cutTo(int length) {
      return new Field(name, cut(value, length), kind);
    }
  }

  /**
   * A line without fields.
   *
   * @param event a constant, such as {@code session ended}
   * @param why without a remedy, the line has none
   */
  SessionLine(String event, Explanation why) {
    this.event = event;
    this.cause = printable(why.cause());
    this.remedy = cut(printable(why.remedy()), MAX_REMEDY);
  }

  /** Adds a short value, which is never cut. */
  SessionLine with(String name, Object value) {
    return with(name, value, Length.FIXED);
  }

  /** Adds a short value, which is left out if the cause has no room otherwise. */
  SessionLine withOptional(String name, Object value) {
    return with(name, value, Length.OPTIONAL);
  }

  /** Adds a value of any length. The value that was added last is cut first. */
  SessionLine withCut(String name, Object value) {
    return with(name, value, Length.MAY_BE_CUT);
  }

  private SessionLine with(String name, Object value, Length kind) {
    fields.add(new Field(name, printable(value.toString()), kind));
    return this;
  }

  void log(Logger log, Level level) {
    if (!log.isEnabledForLevel(level)) {
      return;
    }
    String whatToDo = cut(remedy, MAX_LENGTH - event.length() - SEPARATORS - fixedLength());
    int ends = event.length() + SEPARATORS + whatToDo.length();
    String shown = cut(cause, MAX_MESSAGE - ends);
    dropOptional(ends + shown.length());
    int excess = ends + shown.length() + length() - MAX_LENGTH;
    shown = cut(shown, Math.max(shown.length() - Math.max(excess, 0), SHORT_CAUSE));
    shorten(ends + shown.length(), SHORT_VALUE);
    shown = cut(shown, MAX_LENGTH - ends - length());
    shorten(ends + shown.length(), 0);
    LoggingEventBuilder line = log.atLevel(level);
    for (Field field : fields) {
      if (!field.value().isEmpty()) {
        line = line.addKeyValue(field.name(), field.value());
      }
    }
    write(line, shown, whatToDo);
  }

  /** The event is a constant in the pattern, so that lines are alike whatever the cause is. */
  private void write(LoggingEventBuilder line, String shown, String whatToDo) {
    if (!shown.isEmpty() && !whatToDo.isEmpty()) {
      line.log(event + ": {}; {}", shown, whatToDo);
    } else if (!shown.isEmpty() || !whatToDo.isEmpty()) {
      line.log(event + ": {}", shown + whatToDo);
    } else {
      line.log(event);
    }
  }

  private int length() {
    return fields.stream().mapToInt(Field::length).sum();
  }

  private int fixedLength() {
    return fields.stream()
        .filter(field -> field.kind() == Length.FIXED)
        .mapToInt(Field::length)
        .sum();
  }

  /** Leaves optional fields out, the last first, until the line fits or has none. */
  private void dropOptional(int message) {
    for (int i = fields.size() - 1; i >= 0; i--) {
      if (fields.get(i).kind() == Length.OPTIONAL && message + length() > MAX_LENGTH) {
        fields.remove(i);
      }
    }
  }

  /** Cuts values, the last first, until the line fits or they have only so many characters. */
  private void shorten(int message, int least) {
    for (int i = fields.size() - 1; i >= 0; i--) {
      Field field = fields.get(i);
      int excess = message + length() - MAX_LENGTH;
      if (excess > 0 && field.kind() == Length.MAY_BE_CUT) {
        fields.set(i, field.cutTo(Math.max(field.value().length() - excess, least)));
      }
    }
  }

  private static String cut(String text, int length) {
    if (text.length() <= length) {
      return text;
    }
    return length <= DOTS.length() ? "" : text.substring(0, length - DOTS.length()) + DOTS;
  }

  private static String printable(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.chars().forEach(c -> printable.append(printable((char) c)));
    return printable.toString();
  }

  private static char printable(char character) {
    if (character == '"') {
      return '\'';
    }
    boolean ascii = character >= ' ' && character < 0x7f;
    boolean plain = ascii ? character != '\\' : Character.isLetterOrDigit(character);
    return plain ? character : '?';
  }
}
