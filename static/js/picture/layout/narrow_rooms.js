// Registers the arrangements of a narrow room. Comes by import: at once on a narrow page, later on a wide one.

import { useNarrow } from "./layout.js";
import { isPair, pair } from "./narrow.js";
import { stack } from "./stacked.js";

useNarrow({ isPair, pair, stack });
