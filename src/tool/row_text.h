/* A token of the store as dspam_dump writes it (dspam-behaviour: cli 6). Pure. */
#ifndef DSPAM_TOOL_ROW_TEXT_H
#define DSPAM_TOOL_ROW_TEXT_H

#include "store/store.h"
#include "tool/json.h"

#define ROW_TEXT_SIZE 160

/* "4864187860619624448  S: 00002  I: 00001  P: 0.4000", without LF. */
void row_text(char text[ROW_TEXT_SIZE], const struct store_row *row, double value);

/*
 * The same with " LH: " and the beginning (UTC) of the day of the last hit, as ctime writes it; and with " W: -39083
 * G: 188721" where the adaptive classifier has learned: weights, in their units.
 */
void row_text_dated(char text[ROW_TEXT_SIZE], const struct store_row *row, double value);

/* The members weight and gradient, where there are any. */
void row_json_weights(struct json *json, const struct store_row *row);

/* INSERT statements for a database of the original's sqlite driver, without LF. */
#define ROW_INSERT_SIZE 400
void row_text_insert(char text[ROW_INSERT_SIZE], const struct store_row *row);
void row_text_insert_totals(char text[ROW_INSERT_SIZE], const struct totals *totals);

#endif
