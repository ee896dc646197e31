package io.goharbor.preheat.plugin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code prepare}, which the launcher carries out before Java starts; here it is only described.
 */
@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    description = {
      "Makes the cache with which this Java starts the plugin fast. Run it once after an"
          + " installation, and again after Java or the plugin was updated; without it everything"
          + " works, more slowly."
    })
final class PrepareCommand implements Callable<Integer> {
  @Override
  public Integer call() throws PluginFailure {
    throw PluginFailure.usage("only the launcher, kubectl-preheat, can do this");
  }
}
