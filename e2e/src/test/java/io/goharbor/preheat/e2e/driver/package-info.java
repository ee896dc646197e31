/** What every driver must do, and what each does beyond that, against real HTTP. */
@NullMarked
package io.goharbor.preheat.e2e.driver;

import org.jspecify.annotations.NullMarked;
