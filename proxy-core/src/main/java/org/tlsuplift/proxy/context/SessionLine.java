package org.tlsuplift.proxy.context;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import org.tlsuplift.proxy.model.Explanation;

/**
 * A log line: the event, the cause, the remedy, and then the fields. It has at most {@value
 * #MAX_LENGTH} characters, and the remedy ends within the first {@value #MAX_MESSAGE}.
 *
 * <p>If the texts are longer, they get room in this order: fixed fields, the remedy, the start of
 * each value that may be cut, the start of the cause, the rest of these values, the rest of the
 * cause, optional fields. Earlier fields come before later ones.
 *
 * <p>Question marks replace control characters, and apostrophes replace quotation marks. So no text
 * can end the line, control a terminal or grow when it is printed.
 */
final class SessionLine {
  /** The console prefix, a time and a level, makes it 300. */
  static final int MAX_LENGTH = 269;

  static final int MAX_MESSAGE = 160;

  /** The limit of a remedy; longer ones are cut. */
  static final int MAX_REMEDY = 100;

  /** A colon and a space after the event, a semicolon and a space before the remedy. */
  private static final int SEPARATORS = 4;

  private static final int SHORT_CAUSE = 32;
  private static final int SHORT_VALUE = 16;
  private static final String DOTS = "...";

  private final String event;
  private final Part cause;
  private final Part remedy;
  private final List<Part> fields = new ArrayList<>();

  private enum Length {
    FIXED,
    MAY_BE_CUT,
    OPTIONAL
  }

  /** A text, and as much of it as the line has room for. */
  private static final class Part {
    private final String name;
    private final String text;
    private final Length kind;
    private String shown = "";

    Part(String name, String text, Length kind) {
      this.name = name;
      this.text = printable(text);
      this.kind = kind;
    }

    /**
     * A field is printed as a space, the name, an equals sign, and the value in quotation marks.
     */
    private int overhead() {
      return name.isEmpty() ? 0 : name.length() + 4;
    }

    private int length() {
      return shown.isEmpty() ? 0 : overhead() + shown.length();
    }

    boolean fits(int room) {
      return overhead() + text.length() <= room;
    }

    /** Shows at most so many characters if there is room, and returns the remaining room. */
    int show(int most, int room) {
      int available = room + length();
      shown = cut(text, Math.min(most, available - overhead()));
      return available - length();
    }
  }

  /**
   * Creates a line without fields.
   *
   * @param event a constant, such as {@code session ended}
   * @param why the cause and the remedy; each may be empty
   */
  SessionLine(String event, Explanation why) {
    this.event = event;
    this.cause = new Part("", why.cause(), Length.MAY_BE_CUT);
    this.remedy = new Part("", why.remedy(), Length.MAY_BE_CUT);
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
    fields.add(new Part(name, value.toString(), kind));
    return this;
  }

  /** Writes the line if the level is enabled. */
  void log(Logger log, Level level) {
    if (!log.isEnabledForLevel(level)) {
      return;
    }
    distribute(MAX_LENGTH - event.length() - SEPARATORS);
    LoggingEventBuilder line = log.atLevel(level);
    for (Part field : fields) {
      if (!field.shown.isEmpty()) {
        line = line.addKeyValue(field.name, field.shown);
      }
    }
    write(line);
  }

  /** Gives each text room, in the order of priority. */
  private void distribute(int total) {
    int room = show(Length.FIXED, MAX_LENGTH, total);
    room = remedy.show(MAX_REMEDY, room);
    int causeLimit = MAX_MESSAGE - event.length() - SEPARATORS - remedy.length();
    room = show(Length.MAY_BE_CUT, SHORT_VALUE, room);
    room = cause.show(Math.min(SHORT_CAUSE, causeLimit), room);
    room = show(Length.MAY_BE_CUT, MAX_LENGTH, room);
    room = cause.show(causeLimit, room);
    show(Length.OPTIONAL, MAX_LENGTH, room);
  }

  private int show(Length kind, int most, int room) {
    int left = room;
    for (Part field : fields) {
      if (field.kind == kind) {
        if (kind == Length.OPTIONAL && !field.fits(left)) {
          break;
        }
        left = field.show(most, left);
      }
    }
    return left;
  }

  /** The event is a constant in the pattern, so lines of one kind have the same pattern. */
  private void write(LoggingEventBuilder line) {
    if (!cause.shown.isEmpty() && !remedy.shown.isEmpty()) {
      line.log(event + ": {}; {}", cause.shown, remedy.shown);
    } else if (!cause.shown.isEmpty() || !remedy.shown.isEmpty()) {
      line.log(event + ": {}", cause.shown + remedy.shown);
    } else {
      line.log(event);
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
