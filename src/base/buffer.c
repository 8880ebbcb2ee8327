#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = BUFFER_INIT(buffer->limit);
}

void
buffer_clear(struct buffer *buffer)
{
	buffer->size = 0;
	buffer->failed = false;
}

char *
buffer_reserve(struct buffer *buffer, size_t size)
{
	if (buffer->failed || size > buffer->limit || buffer->size > buffer->limit - size) {
		buffer->failed = true;
		return NULL;
	}
	size_t needed = buffer->size + size;
	if (needed > buffer->capacity || buffer->data == NULL) {
		size_t capacity = buffer->capacity < 256 ? 256 : buffer->capacity + buffer->capacity / 2;
		if (capacity < needed)
			capacity = needed;
		char *data = realloc(buffer->data, capacity);
		if (data == NULL)
			abort();
		buffer->data = data;
		buffer->capacity = capacity;
	}
	return buffer->data + buffer->size;
}

bool
buffer_append(struct buffer *buffer, const void *data, size_t size)
{
	char *room = buffer_reserve(buffer, size);

	if (room == NULL)
		return false;
	if (size > 0)
		memcpy(room, data, size);
	buffer->size += size;
	return true;
}

bool
buffer_append_span(struct buffer *buffer, struct span text)
{
	return buffer_append(buffer, text.data, text.size);
}

bool
buffer_append_string(struct buffer *buffer, const char *text)
{
	return buffer_append(buffer, text, strlen(text));
}

bool
buffer_append_byte(struct buffer *buffer, char byte)
{
	return buffer_append(buffer, &byte, 1);
}

bool
buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments, again;

	va_start(arguments, format);
	va_copy(again, arguments);
	size_t left = buffer->capacity - buffer->size;
	int size = vsnprintf(left > 0 ? buffer->data + buffer->size : NULL, left, format, arguments);
	char *room = size < 0 ? NULL : buffer_reserve(buffer, (size_t)size + 1);
	if (room != NULL) {
		if ((size_t)size >= left)
			vsnprintf(room, (size_t)size + 1, format, again);
		buffer->size += (size_t)size;
	}
	va_end(again);
	va_end(arguments);
	return room != NULL;
}

void
buffer_consume(struct buffer *buffer, size_t count)
{
	if (count >= buffer->size) {
		buffer->size = 0;
		return;
	}
	buffer->size -= count;
	memmove(buffer->data, buffer->data + count, buffer->size);
}

const char *
buffer_string(struct buffer *buffer)
{
	char *room = buffer_reserve(buffer, 1);

	if (room == NULL)
		return NULL;
	*room = '\0';
	return buffer->data;
}
