# The Bayes classifier of SpamAssassin, without any other rule, for spamassassin.py: reads lines "judge FILE", "spam FILE" and
# "ham FILE", answers each with a line: the probability ("-": none), or whether it was learned.
#   perl spamassassin.pl HOME LEARNED_AT_LEAST
use strict;
use warnings;
use Mail::SpamAssassin;

$| = 1;
my ($home, $least) = @ARGV;
my $config = "";
for my $file (glob "/usr/share/spamassassin/20_aux_tlds.cf /usr/share/spamassassin/60_bayes_stopwords.cf") {
	open my $in, "<", $file or die "$file: $!";
	local $/;
	$config .= <$in>;
}
$config .= <<"END";
loadplugin Mail::SpamAssassin::Plugin::Check
loadplugin Mail::SpamAssassin::Plugin::Bayes
use_bayes 1
bayes_auto_learn 0
bayes_path $home/bayes
bayes_min_ham_num $least
bayes_min_spam_num $least
body BAYES eval:check_bayes('0.00','1.00')
END
my $filter = Mail::SpamAssassin->new({
	config_text => $config, dont_copy_prefs => 1, local_tests_only => 1, userstate_dir => $home,
	home_dir_for_helpers => $home, username => "bench",
});
$filter->init(1);
$filter->init_learner({wait_for_lock => 1});
print Mail::SpamAssassin->VERSION, "\n";

while (my $line = <STDIN>) {
	chomp $line;
	my ($what, $path) = split / /, $line, 2;
	my $mail = do {
		open my $in, "<:raw", $path or die "$path: $!";
		local $/;
		$filter->parse(scalar <$in>, 1);
	};
	if ($what eq "judge") {
		my $status = $filter->check($mail);
		print $status->{bayes_score} // $status->get_tag("BAYES") // "-", "\n"; # the tag has four digits only
		$status->finish;
	} else {
		my $status = $filter->learn($mail, undef, $what eq "spam", 0);
		print $status->did_learn ? 1 : 0, "\n";
		$status->finish;
	}
	$mail->finish;
}
$filter->finish_learner;
$filter->finish;
