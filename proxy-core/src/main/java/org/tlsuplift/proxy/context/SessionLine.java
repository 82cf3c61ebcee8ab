package org.tlsuplift.proxy.context;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import org.tlsuplift.proxy.model.Explanation;

/**
 * A log line: the event, the cause, the remedy, and then the fields. A usual line has at most
 * {@value #USUAL_LENGTH} characters. Only a whole cause, remedy or target makes it longer, as far
 * as {@value #MAX_LENGTH}, because an operator cannot act on half a cause.
 *
 * <p>The texts get room in this order: fixed fields, the remedy, the start of each value that may
 * be cut, the cause, more of these values; then, in a usual line, the rest of these values and
 * optional fields. Earlier fields come before later ones.
 *
 * <p>Question marks replace control characters, and apostrophes replace quotation marks. So no text
 * can end the line, control a terminal or grow when it is printed.
 */
final class SessionLine {
  /** The console prefix, a time and a level, makes it 400. */
  static final int MAX_LENGTH = 369;

  /** With the console prefix, 300. */
  static final int USUAL_LENGTH = 269;

  /** The limit of a cause and of a remedy. Only causes with texts of other computers are cut. */
  static final int MAX_TEXT = 100;

  /** A colon and a space after the event, a semicolon and a space before the remedy. */
  private static final int SEPARATORS = 4;

  private static final int SHORT_VALUE = 16;

  /** An IPv6 address with its interface is shorter, and so is the name of a listener. */
  private static final int LONG_VALUE = 64;

  /** A usual name and port, such as {@code outlook.office365.com:443}. */
  private static final int USUAL_VALUE = 32;

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

  /** Adds a value of at most {@value #LONG_VALUE} characters, which is never cut. */
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
    int room = show(Length.FIXED, LONG_VALUE, total);
    room = remedy.show(MAX_TEXT, room);
    room = show(Length.MAY_BE_CUT, SHORT_VALUE, room);
    room = cause.show(MAX_TEXT, room);
    room = show(Length.MAY_BE_CUT, USUAL_VALUE, room);
    room = Math.max(0, room - (MAX_LENGTH - USUAL_LENGTH));
    show(Length.OPTIONAL, MAX_LENGTH, show(Length.MAY_BE_CUT, MAX_LENGTH, room));
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
