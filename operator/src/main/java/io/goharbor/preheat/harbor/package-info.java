/** Harbor's REST API, its registry and its token service, as far as the operator needs them. */
@NullMarked
package io.goharbor.preheat.harbor;

import org.jspecify.annotations.NullMarked;
