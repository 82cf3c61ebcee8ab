package org.tlsuplift.server.config.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.Section;

/** Reads who may use a SOCKS listener. */
public final class UsersReader {
  private UsersReader() {}

  static List<ListenerConfig.User> read(Section listener, ListenerConfig.Accept accept) {
    if (accept != ListenerConfig.Accept.SOCKS && listener.clean("accept")) {
      listener.refuse("users", "they sign in by SOCKS 5; it is for 'accept: socks'");
      return List.of();
    }
    List<ListenerConfig.User> users = new ArrayList<>();
    for (Section section : listener.sections("users")) {
      Optional<String> name =
          section.required("name", ListenerConfig.User.ALLOWED, UsersReader::name);
      Optional<Path> passwordFile = section.required("passwordFile", ConfigReader.PATH, Path::of);
      if (name.isPresent() && users.stream().anyMatch(user -> user.name().equals(name.get()))) {
        section.contradiction("name", "a name of its own", "another user has the same name");
      }
      if (name.isPresent() && passwordFile.isPresent()) {
        users.add(new ListenerConfig.User(name.get(), passwordFile.get()));
      }
      section.end();
    }
    return users;
  }

  private static String name(String text) {
    if (!SocksUsers.isUsable(text)) {
      throw new IllegalArgumentException("SOCKS names no encoding for other characters");
    }
    return text;
  }
}
