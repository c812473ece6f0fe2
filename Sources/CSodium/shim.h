// The door to libsodium. Only CairnCrypto goes through it.
#pragma once
#include <sodium.h>
