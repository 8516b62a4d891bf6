#pragma once

#include "weights/key_table.h"
#include "weights/weights.h"

namespace easel {

/// Whether an upscaler of ESRGAN's family is in there, told from its names.
bool holds_esrgan(const Weights& weights);

/// Gives an ESRGAN-like upscaler BasicSR's names (conv_first, body.{i}.rdb{r}.conv{c}, conv_body,
/// conv_up1, conv_up2, …, conv_hr, conv_last), whichever of the three dialects it is in: those
/// names, the ESRGAN repository's (RRDB_trunk, …) or the older numbered ones (model.1.sub, …).
/// What trainers put before every name (`module.`, `params_ema.`, `netG.`: containers.h) is
/// dropped, and of several such parts the best is kept. Other networks (SRVGGNetCompact) keep their
/// names.
Weights with_basicsr_names(const Weights& weights);

}  // namespace easel
