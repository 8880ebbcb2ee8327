/* Transfer codings: never more than promised, the same in place, and what is encoded comes back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/embedded.h"
#include "mail/transfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef size_t decoder(struct span in, char *out);

static size_t
text_base64(struct span in, char *out)
{
	return transfer_decode_text(in, true, out);
}

static size_t
text_quoted(struct span in, char *out)
{
	return transfer_decode_text(in, false, out);
}

static void
decode_both_ways(decoder *decode, struct span in)
{
	char *out = malloc(in.size + 1), *place = malloc(in.size + 1);

	if (in.size > 0)
		memcpy(place, in.data, in.size);
	size_t size = decode(in, out);
	if (size > in.size + 1 || decode(span_of(place, in.size), place) != size || memcmp(out, place, size) != 0)
		abort();
	free(out);
	free(place);
}

static void
encode_and_back(struct span in)
{
	size_t room = transfer_base64_size(in.size);
	char *coded = malloc(room), *back = malloc(room + 1);
	struct span text = {coded, transfer_encode_base64(in, coded)};

	if (text.size > room)
		abort();
	size_t size = transfer_decode_base64(text, back);
	size_t more = in.size == 0 || in.data[in.size - 1] != '\n';
	if (size != in.size + more || (in.size > 0 && memcmp(back, in.data, in.size) != 0))
		abort();
	free(coded);
	free(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = {(const char *)data, size}, id, mark;

	decode_both_ways(transfer_decode_quoted_printable, in);
	decode_both_ways(transfer_decode_base64, in);
	decode_both_ways(transfer_decode_percent, in);
	decode_both_ways(text_base64, in);
	decode_both_ways(text_quoted, in);
	encode_and_back(in);
	if (embedded_find(in, &id, &mark) &&
	    (mark.data < in.data || mark.data + mark.size > in.data + in.size || id.size > EMBEDDED_SIGNATURE_SIZE))
		abort();
	return 0;
}
