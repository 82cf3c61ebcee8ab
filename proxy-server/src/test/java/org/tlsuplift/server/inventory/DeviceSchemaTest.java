package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.InputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A program that reads the API must find each property of a device in its description. */
class DeviceSchemaTest {
  private static JsonNode schemas;

  @BeforeAll
  static void read() throws Exception {
    try (InputStream yaml =
        DeviceSchemaTest.class.getResourceAsStream("/org/tlsuplift/server/http/api/openapi.yaml")) {
      schemas = new ObjectMapper(new YAMLFactory()).readTree(yaml).at("/components/schemas");
    }
  }

  @Test
  void describesTheDevice() {
    assertThat(schemas.at("/Device/properties").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrderElementsOf(written(DeviceRecord.class).toList());
  }

  @Test
  void describesTheHistory() {
    assertThat(schemas.at("/History/properties").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrderElementsOf(written(DeviceJson.History.class).toList());
  }

  private static Stream<String> written(Class<?> type) {
    return written(JsonMapper.builder().build().constructType(type));
  }

  private static Stream<String> written(JavaType type) {
    return JsonMapper.builder()
        .build()
        .getSerializationConfig()
        .introspect(type)
        .findProperties()
        .stream()
        .flatMap(DeviceSchemaTest::written);
  }

  private static Stream<String> written(BeanPropertyDefinition property) {
    return property.getAccessor().hasAnnotation(JsonUnwrapped.class)
        ? written(property.getPrimaryType())
        : Stream.of(property.getName());
  }
}
