"""The ground floor: settings, staff, branches, roles, levels, the site's shell, notices, the journal.

Four floors, and imports go down only::

    certificates/   attests   tracks, requirements, standing, certifications, documents, register
    courses/        teaches   catalogue, lessons, enrolment, progress
    quizzes/        measures  question bank, quizzes, attempts, grading
    academy/        ground

What must go up goes by one of three doors: a past-tense signal sent by a rule, a named Wagtail hook
for a place on a screen, or a registry of questions (``academy.doors``).

The chain from an exam to a certificate::

    quizzes.attempts.submit_attempt        transaction 1: the attempt is closed and graded
    quizzes.attempts.follow_up             transaction 2, same request, repeated by ``tick``
      attempt_finished   -> courses.progress.learning.complete_course_if_ready
                         -> certificates.award.awarding.award_if_met
      course_completed   -> certificates.award.awarding.award_if_met
                            certificates.document.issuing.issue_certificate
      on commit          -> task: render and store the PDF; notices
"""
