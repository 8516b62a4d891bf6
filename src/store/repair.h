#pragma once

#include "store/picture_files.h"
#include "store/records.h"

namespace easel {

struct RepairReport {
  int adopted = 0;     ///< pictures without a row: back in the gallery, by their embedded settings
  int unreadable = 0;  ///< files that are no whole picture: left where they are
  int missing = 0;     ///< rows whose file has gone: flagged
  int found = 0;       ///< rows flagged before whose file is there again
  int requeued = 0;    ///< jobs that were running
};

/// Makes the gallery's files and its table agree after whatever happened, and gives every job that
/// was running back to the queue: a job whose last pictures were on disk but not yet in the table
/// gets them, so that nothing is drawn twice. Throws kNoSpace, kIo.
/// `loss`: how the run before ended. REQUIRES: no other process uses the folder.
RepairReport repair(Records& records, const PictureFiles& files, Loss loss);

}  // namespace easel
