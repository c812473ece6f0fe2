#pragma once

/// Starts a child whose first thread ends at once while another lives on, until it is killed or a minute is over. Its
/// number, or less than nothing.
int cairn_start_without_first_thread(void);
