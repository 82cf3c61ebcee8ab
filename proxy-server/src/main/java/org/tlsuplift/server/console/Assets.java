package org.tlsuplift.server.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;

/**
 * The style sheets, scripts and symbols of the pages. The address of each contains its hash, so
 * that browsers may keep it forever.
 */
public record Assets(Map<Asset, String> paths, List<ResourcePath> routes) {
  private static final String FOLDER = "/org/tlsuplift/server/console/";
  private static final String WEBJARS = "/META-INF/resources/webjars/";
  private static final String IMMUTABLE = "public, max-age=31536000, immutable";

  /** {@code gzip} with a weight above 0 or without one (RFC 9110 section 12.5.3). */
  private static final Pattern GZIP =
      Pattern.compile(
          "(?:^|,)[ \\t]*gzip[ \\t]*(?:$|,|;[ \\t]*q=(?:1|0\\.0{0,2}[1-9]))",
          Pattern.CASE_INSENSITIVE);

  /** A file for browsers. */
  public enum Asset {
    PICO(WEBJARS + "picocss__pico/2.1.1/css/pico.min.css", "pico.css", "text/css; charset=utf-8"),
    CHART(
        WEBJARS + "chart.js/4.4.9/dist/chart.umd.js", "chart.js", "text/javascript; charset=utf-8"),
    STYLE(FOLDER + "uplift.css", "uplift.css", "text/css; charset=utf-8"),
    SCRIPT(FOLDER + "uplift.js", "uplift.js", "text/javascript; charset=utf-8"),
    ICON(FOLDER + "icon.svg", "icon.svg", "image/svg+xml");

    private final String resource;
    private final String file;
    private final String type;

    Asset(String resource, String file, String type) {
      this.resource = resource;
      this.file = file;
      this.type = type;
    }
  }

  public static Assets load() {
    Map<Asset, String> paths = new EnumMap<>(Asset.class);
    List<ResourcePath> routes = new ArrayList<>();
    for (Asset asset : Asset.values()) {
      byte[] content = content(asset);
      String path = "/assets/" + hash(content) + "/" + asset.file;
      paths.put(asset, path);
      routes.add(route(path, asset.type, content));
    }
    byte[] icon = read(Asset.ICON.resource);
    // Browsers request it for files that cannot name an icon, such as plain text.
    routes.add(
        ResourcePath.open(
            "/favicon.ico",
            request ->
                Response.bytes(200, Asset.ICON.type, icon)
                    .with("Cache-Control", "public, max-age=86400")));
    return new Assets(paths, List.copyOf(routes));
  }

  /** Only files that are the same for everyone are compressed (CVE-2013-3587, BREACH). */
  private static ResourcePath route(String path, String type, byte[] content) {
    byte[] compressed = compressed(content);
    return ResourcePath.open(
        path,
        request -> {
          boolean small = GZIP.matcher(request.header("accept-encoding")).find();
          Response response =
              Response.bytes(200, type, small ? compressed : content)
                  .with("Cache-Control", IMMUTABLE)
                  .with("Vary", "Accept-Encoding");
          return small ? response.with("Content-Encoding", "gzip") : response;
        });
  }

  private static byte[] compressed(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  /**
   * The content of a file. Pico has symbols with {@code data:} addresses, which the
   * Content-Security-Policy of the pages refuses: a browser that has this style sheet, but not yet
   * the next one, would complain.
   */
  private static byte[] content(Asset asset) {
    byte[] content = read(asset.resource);
    return asset == Asset.PICO
        ? new String(content, StandardCharsets.UTF_8)
            .replaceAll("url\\(\"data:[^\"]*\"\\)", "none")
            .getBytes(StandardCharsets.UTF_8)
        : content;
  }

  private static byte[] read(String resource) {
    try (InputStream in = Assets.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is missing from the program");
      }
      return in.readAllBytes();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static String hash(byte[] content) {
    return HexFormat.of().formatHex(Digests.sha256().digest(content), 0, 8);
  }

  public String path(Asset asset) {
    return paths.getOrDefault(asset, "");
  }
}
