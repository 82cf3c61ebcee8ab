package org.tlsuplift.server.inventory.export;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import org.jspecify.annotations.Nullable;

/** Escapes in JSON what ends a text, a tag or a script in HTML, so that a page may hold it. */
final class HtmlSafeEscapes extends CharacterEscapes {
  private static final long serialVersionUID = 1L;
  private static final String SPECIAL = "<>&'\u007f";

  private final int[] escapes = standardAsciiEscapesForJSON();

  HtmlSafeEscapes() {
    SPECIAL.chars().forEach(c -> escapes[c] = ESCAPE_STANDARD);
  }

  @Override
  public int[] getEscapeCodesForAscii() {
    return escapes.clone();
  }

  @Override
  public @Nullable SerializableString getEscapeSequence(int character) {
    return null;
  }
}
