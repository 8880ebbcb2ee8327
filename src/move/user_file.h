/*
 * Everything of one person as text, to be kept or moved: dspam_admin export-user and import-user.
 *
 * Lines of words with one space between them, in this order:
 *   dspam-user 1                                 what this is, and the version of the format: 2 if any token has
 * weights name NAME totals SL IL SM IM SC IC ScL IcL             the columns of dspam_stats, in their order preference
 * NAME VALUE                        sorted by name; any number token ID SPAM INNOCENT DATE WEIGHT GRADIENT  sorted by
 * ID as a signed number; any number signature ID DATE HEX                        in the order of the store; any number
 *   end LINES CHECKSUM                           how many lines stand before, and the sum of their bytes
 * NAME and VALUE have %HH for bytes up to 32, for 127 and for '%'. An empty VALUE leaves out the word. WEIGHT and
 * GRADIENT, whole numbers, are what the adaptive classifier has learned; tokens without leave both out. ID is decimal
 * without sign, DATE 2026-11-22, HEX two digits a byte, in lower case; CHECKSUM is the CRC-64 of base/crc64.h, begun
 * with all bits set, as 16 such digits. The same content gives the same bytes.
 */
#ifndef DSPAM_MOVE_USER_FILE_H
#define DSPAM_MOVE_USER_FILE_H

#include <stdio.h>

#include "move/person.h"

/* The first line. */
#define USER_FILE_FIRST "dspam-user 1"
#define USER_FILE_WITH_WEIGHTS "dspam-user 2"

/* *ballots: as with person_each_signature. */
bool user_file_write(const struct person *person, FILE *out, size_t *ballots, struct error *error);

/* All of it, or an error that names `path` and the line: nothing of a damaged file is used. */
bool user_file_read(FILE *in, const char *path, struct person *person, struct error *error);

/* Whether a file that begins with this line is one. */
bool user_file_is(struct span line);

#endif
