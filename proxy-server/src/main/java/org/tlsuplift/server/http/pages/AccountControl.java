package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.BadRequestException;

/**
 * The device accounts, for the pages. Fields have the names of the pages' forms. Methods block, and
 * refuse with one sentence; then nothing has changed, unless it says that the outcome is unknown.
 */
public interface AccountControl {
  /** Why accounts cannot be changed here; empty if they can. */
  String missing();

  /** The names of the tenants; accounts need one if there are several. */
  List<String> tenants();

  /** All accounts, also those of the configuration itself. */
  List<Entry> accounts() throws BadRequestException;

  /** The names of the listeners that serve accounts, by their keys. */
  Map<String, List<String>> listeners(Set<String> keys) throws BadRequestException;

  /**
   * Adds an account. Makes a password if it has a login and the fields have no password.
   *
   * @param by the role of the person or program, which decides on the mailboxes that it may use
   */
  Changed add(Map<String, String> fields, Role by) throws BadRequestException;

  /**
   * Changes the fields that are present. Makes a password if that field is empty.
   *
   * @param version of the account when its page was made; empty to change any
   * @param by as for {@link #add}
   */
  Changed change(String key, String version, Map<String, String> fields, Role by)
      throws BadRequestException;

  Changed remove(String key, String version) throws BadRequestException;

  /** What {@link #apply} would do with each line. */
  Preview preview(List<Map<String, String>> lines, Role by) throws BadRequestException;

  /**
   * Adds and changes accounts; refused lines are left out.
   *
   * @param version of the preview
   * @param by as for {@link #add}
   * @param before gets the changes before they are made, and may refuse them
   * @return the added and changed accounts
   */
  List<Changed> apply(List<Map<String, String>> lines, String version, Role by, Before before)
      throws BadRequestException;

  /** Prepares for changes. */
  interface Before {
    void change(List<Changed> planned) throws BadRequestException;
  }

  /**
   * An account, in texts.
   *
   * @param key no other account has it: the login or, without one, the addresses
   * @param version another one after each change
   * @param signsIn how the proxy signs in at the origin
   * @param inFile whether it is in the accounts file, which can be changed here
   */
  record Entry(
      String key,
      String version,
      Map<String, String> fields,
      String signsIn,
      boolean disabled,
      boolean inFile,
      Optional<SignIn> latest) {
    public Entry {
      fields = Map.copyOf(fields);
    }

    String field(String name) {
      return fields.getOrDefault(name, "");
    }
  }

  /** The latest sign-in. */
  record SignIn(Instant at, String from) {}

  /**
   * A change that was made.
   *
   * @param before in words; empty if it was added
   * @param after in words; empty if it was removed
   * @param password a new one; empty for none
   */
  record Changed(String key, String before, String after, String password) {}

  /** What an import would do. */
  record Preview(String version, List<Fate> fates) {}

  /**
   * What becomes of a line.
   *
   * @param result added, changed, unchanged or refused
   * @param why in words
   */
  record Fate(String key, String result, String why) {
    boolean changes() {
      return List.of("added", "changed").contains(result);
    }
  }
}
