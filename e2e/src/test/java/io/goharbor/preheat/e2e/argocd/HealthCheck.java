package io.goharbor.preheat.e2e.argocd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LoadState;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.compiler.LuaC;
import org.luaj.vm2.lib.BaseLib;
import org.luaj.vm2.lib.PackageLib;
import org.luaj.vm2.lib.TableLib;

/**
 * A health check, run as Argo CD runs one that is in its ConfigMap: with the object as the global
 * {@code obj}, and without the libraries for strings, mathematics and files (argo-cd,
 * util/lua/lua.go).
 */
record HealthCheck(String kind, String script) {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final YAMLMapper YAML = new YAMLMapper();
  static final List<String> KINDS =
      List.of("HarborRegistry", "P2PProvider", "PreheatExecution", "PreheatPolicy");

  /** What Argo CD accepts as a status. */
  private static final List<String> STATUSES =
      List.of("Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown");

  /** What a check answers. */
  record Health(String status, String message) {}

  static HealthCheck of(String kind) throws IOException {
    return new HealthCheck(kind, Files.readString(folder(kind).resolve("health.lua")));
  }

  static Path folder(String kind) {
    return ROOT.resolve("deploy/argocd/resource_customizations/preheat.goharbor.io").resolve(kind);
  }

  /** The health of an object. */
  Health of(JsonNode object) {
    Globals globals = new Globals();
    globals.load(new BaseLib());
    globals.load(new PackageLib());
    globals.load(new TableLib());
    LoadState.install(globals);
    LuaC.install(globals);
    globals.set("obj", lua(object));
    LuaTable answer = globals.load(script, kind + "/health.lua").call().checktable();
    String status = answer.get("status").checkjstring();
    if (!STATUSES.contains(status)) {
      throw new IllegalStateException("Argo CD knows no status " + status);
    }
    return new Health(status, answer.get("message").checkjstring());
  }

  private static LuaValue lua(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        LuaTable table = new LuaTable();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
          table.set(field.getKey(), lua(field.getValue()));
        }
        yield table;
      }
      case ARRAY -> {
        LuaTable table = new LuaTable();
        for (int i = 0; i < node.size(); i++) {
          table.set(i + 1, lua(node.get(i)));
        }
        yield table;
      }
      case STRING -> LuaValue.valueOf(node.textValue());
      case NUMBER -> LuaValue.valueOf(node.doubleValue());
      case BOOLEAN -> LuaValue.valueOf(node.booleanValue());
      case NULL, MISSING, BINARY, POJO -> LuaValue.NIL;
    };
  }
}
