#include "tool/training.h"

#include "base/log.h"

void
training_begin(struct training *training, struct teacher *teacher, size_t total, FILE *out)
{
	*training = (struct training){.teacher = teacher, .out = out, .bytes = BUFFER_INIT(CORPUS_MESSAGE_SIZE_MAX)};
	progress_begin(&training->progress, "messages", total);
}

void
training_end(struct training *training)
{
	progress_clear(&training->progress);
	buffer_free(&training->bytes);
}

/* The file name is cut or padded to 32 bytes; for a message of an mbox its number follows the name. */
static void
print_name(struct training *training, const struct corpus_message *message)
{
	char name[4200];

	if (message->number > 0)
		snprintf(name, sizeof name, "%s:%u", message->path, (unsigned)message->number);
	else
		snprintf(name, sizeof name, "%s", message->path);
	fprintf(training->out, "[test: %-7s] %-32.32s result: ", message->spam ? "spam" : "nonspam", name);
}

static void
print_result(struct training *training, const struct corpus_message *message, const struct opinion *opinion)
{
	if (training->out == NULL)
		return;
	progress_clear(&training->progress);
	print_name(training, message);
	if (!opinion->judged)
		fputs("BROKEN result!!\n", training->out);
	else if (opinion->spam == message->spam)
		fputs("PASS\n", training->out);
	else
		fprintf(training->out, "FAIL (%s)\n", opinion->class_name);
}

static void
count_trouble(struct training *training, const struct corpus_message *message, const struct opinion *opinion)
{
	training->spam += opinion->judged && message->spam;
	training->right += opinion->judged && opinion->spam == message->spam;
	training->row = training->row_is_spam == message->spam ? training->row + 1 : 1;
	training->row_is_spam = message->spam;
	if (training->row > training->longest_row)
		training->longest_row = training->row;
	training->not_judged += !opinion->judged;
	training->not_corrected += opinion->judged && !opinion->taught;
	if (!opinion->judged || !opinion->taught)
		progress_clear(&training->progress);
	if (!opinion->judged)
		log_warning("%s was not judged: %s", message->path, opinion->note);
	else if (!opinion->taught)
		log_warning("%s was not corrected: %s", message->path, opinion->note);
}

bool
training_teach(struct training *training, const struct corpus_message *message, struct span bytes,
	       struct opinion *opinion, struct error *error)
{
	if (!teacher_give(training->teacher, bytes, message->spam, opinion, error))
		return error_prefix(error, "%s", message->path);
	print_result(training, message, opinion);
	count_trouble(training, message, opinion);
	training_pass(training);
	return true;
}

void
training_pass(struct training *training)
{
	progress_step(&training->progress, ++training->done);
}

bool
training_give(struct training *training, const struct corpus_message *message, struct error *error)
{
	struct opinion opinion;
	struct error reading;

	if (corpus_read(message, &training->bytes, &reading))
		return training_teach(training, message, buffer_span(&training->bytes), &opinion, error);
	progress_clear(&training->progress);
	log_error("%s", reading.text);
	training->unreadable++;
	training_pass(training);
	return true;
}
