/**
 * Tests of the rotation engine against the in-memory fleet.
 *
 * <p>What really goes wrong, and the test that has it happen and looks at the devices and the store for what came of it.
 * "Simulated" means {@code RandomSimulationTest}, where it strikes at any step, with every invariant checked after it;
 * "real" means {@code RealWorldTest} in {@code cli}, where the {@code ssh} program says what came of it.
 *
 * <table>
 *   <caption>Failures of the field</caption>
 *   <tr><td>1 no final newline</td><td>{@code OddFilesTest#rotate_ourLineIsTheLast_withAComment},
 *       {@code OddFilesTest#rotate_ourLineIsTheLast_withoutAComment}; simulated; real</td></tr>
 *   <tr><td>2 another entry's options mangled</td>
 *       <td>{@code OddFilesTest#rotate_anotherEntrysOptions_comeBackByteForByteAndDoTheSame}; simulated; real</td></tr>
 *   <tr><td>3 truncate, then crash</td>
 *       <td>{@code OddFilesTest#rotate_theFileItselfIsTornAndTheEngineDies_noLineIsMissing},
 *       {@code OddFilesTest#rotate_anotherWriterTruncatesTheFileAndDies_nothingIsCalledDoneNorDestroyed}</td></tr>
 *   <tr><td>4 partial write in mid-line</td>
 *       <td>{@code OddFilesTest#rotate_anyWriteIsTornAndTheEngineDies_theFileIsTheOldOneOrTheNewOne},
 *       {@code RemoteEditingContractTest#atEveryRequest_leavesTheOldFileOrTheNewOneAndNoLockForEver}; simulated</td></tr>
 *   <tr><td>5 byte order mark, UTF-16</td>
 *       <td>{@code OddFilesTest#plan_byteOrderMarkRightBeforeOurKey_isInTheWayAndTheFileStaysAsItIs},
 *       {@code FieldFailuresTest#rotate_byteOrderMarkInFront_isKept},
 *       {@code OddFilesTest#rotate_savedAsUtf16_isQuarantinedAndTheFileStaysAsItIs}; real</td></tr>
 *   <tr><td>6 unknown option</td><td>{@code OddFilesTest#rotate_unknownOptionOnAnothersLine_staysWithIt},
 *       {@code OddFilesTest#plan_unknownOptionOnOurOnlyLine_isInTheWay}; simulated; real</td></tr>
 *   <tr><td>7 file of root, group-writable home</td><td>{@code FindingsTest#plan_fileBelongsToRoot_isInTheWay},
 *       {@code OddFilesTest#plan_groupMayWriteTheHome_isInTheWay},
 *       {@code OddFilesTest#rotate_groupMayWriteTheHomeSinceTheKeyWasAdded_nothingIsRemovedNorDestroyed}; real</td></tr>
 *   <tr><td>8 wrong SELinux context</td>
 *       <td>{@code OddFilesTest#rotate_newFilesGetAContextThatSshdMayNotRead_isRestored},
 *       {@code EditingUnderSelinuxTest#context_isRestoredByTheServersTool}</td></tr>
 *   <tr><td>9 also in authorized_keys2</td>
 *       <td>{@code RotationEngineTest#rotate_keyInSecondFileToo_goesFromBoth}; simulated; real</td></tr>
 *   <tr><td>10 same blob twice, the first {@code from=} failing</td>
 *       <td>{@code FieldFailuresTest#rotate_sameKeyTwiceAndTheFirstLineDoesNotAdmitUs_goesFromBothLines}; simulated;
 *       real</td></tr>
 *   <tr><td>11 an old session still works</td>
 *       <td>{@code FieldFailuresTest#rotate_sessionOfTheOldKeyIsOpen_livesOnThoughTheKeyIsDead}</td></tr>
 *   <tr><td>12 concurrent writers</td>
 *       <td>{@code RotationEngineTest#rotate_foreignWriterBetweenReadAndRename_itsLineSurvives},
 *       {@code RemoteEditingContractTest#appendInTheRoundTripThatSftpLeavesOpen_isFoundOutBroughtBackAndTold};
 *       simulated</td></tr>
 *   <tr><td>13 rewritten between add and verify</td>
 *       <td>{@code OddFilesTest#rotate_byItsManagerBetweenAddAndVerify_isTakenBackAndNobodyIsLockedOut},
 *       {@code OddFilesTest#rotate_byItsManagerAfterEveryEdit_isLeftToItUnderQuarantine}; simulated</td></tr>
 *   <tr><td>14 a second rotation after one that never landed</td>
 *       <td>{@code MembershipTest#rotate_aDeviceMissesThreeRotations_catchesUpWithTheKeyThatItReallyHas},
 *       {@code RollBackTest#rotate_takenBackTwice_provesBothKeysOnEveryDevice}; simulated; real</td></tr>
 *   <tr><td>15 old key retired before roll-out</td>
 *       <td>{@code RotationEngineTest#rotate_deviceDown_goesOnWithoutItAndCatchesUp},
 *       {@code PlantedBugTest#run_plantedBug_isCaught}: destroyed too early</td></tr>
 *   <tr><td>16 host down in the middle</td>
 *       <td>{@code RotationEngineTest#rotate_deviceGoesDownInMidEdit_theRollBackWaitsForItAndKeepsTheKey}; simulated;
 *       real</td></tr>
 *   <tr><td>17 crash between promote and removal</td>
 *       <td>{@code RotationCrashTest#rotate_killedAtAnyStep_resumeEndsRight},
 *       {@code SimulationTest#everyCrash_twoDevices_endsWell}; real</td></tr>
 *   <tr><td>18 a device joins or leaves in between</td><td>{@code
 *       FieldFailuresTest#resume_aDeviceJoinsAndAnotherLeavesBetweenAddAndRemove_neitherKeepsTheOldKeyNorIsLockedOut}</td></tr>
 *   <tr><td>19 MaxAuthTries, penalties</td>
 *       <td>{@code RotationEngineTest#rotate_serverAllowsOneAttempt_asksInTwoConnections},
 *       {@code FieldFailuresTest#rotateAndResume_serverPunishesTheFirstFailedLogIn_isNeverShutOut}; simulated</td></tr>
 *   <tr><td>20 the file is not where sshd looks</td>
 *       <td>{@code RotationEngineTest#plan_keyInAFileThatWasNotNamed_namesIt},
 *       {@code RotationEngineTest#rotate_oldKeyAlsoInAFileThatWasNotNamed_isNeverCalledDone}; simulated: a hidden file;
 *       real</td></tr>
 *   <tr><td>21 host key changed, address reused</td>
 *       <td>{@code MembershipTest#rotate_theHostKeyChangesAfterThePlan_theDeviceIsQuarantinedAndTheOtherMachineUntouched};
 *       simulated; real</td></tr>
 *   <tr><td>22 zombie worker</td>
 *       <td>{@code SecondProofTest#rotate_takenBackByAnotherWhileThisOneSlept_itsDestroyedKeyIsNotAdded},
 *       {@code SimulationTest#everyCrashWithZombie_twoDevicesTwoEngines_endsWell}; simulated</td></tr>
 *   <tr><td>23 hidden consumers of the old key</td>
 *       <td>{@code RolloutTest#rotate_withAnOverlap_bothKeysLogInUntilItIsOver},
 *       {@code SharedThingsTest#plan_nothingTellsWhereTheOtherCredentialIsUsed_isRefusedEverywhere}</td></tr>
 *   <tr><td>24 disk full, read-only, quota, root-squash</td>
 *       <td>{@code FieldFailuresTest#rotate_fullReadOnlyOrOverQuotaSinceThePlan_isTakenBackAndNobodyIsLockedOut},
 *       {@code FieldFailuresTest#rotate_homeOnAFileServerThatSquashesRoot_isEditedAsTheAccount}; simulated: disk full;
 *       real: read-only</td></tr>
 *   <tr><td>25 clock skew with {@code expiry-time}</td>
 *       <td>{@code DeadMansSwitchTest#rotate_clocksOfDevicesAreWrong_nobodyIsLockedOutAndTheOldKeyIsDeadInTheEnd},
 *       {@code FieldFailuresTest#plan_oldLineExpiredByAClockThatIsAhead_saysThatItIsRefused}; real: expired</td></tr>
 *   <tr><td>26 lost after the request; 27 hang without an answer</td>
 *       <td>{@code RotationEngineTest#rotate_transientFaults_areRetried},
 *       {@code KeptLogInTest#rotate_connectionBreaksOrHangsOverTheRemoval_isMadeAnewInTheSameAttempt}; simulated</td></tr>
 *   <tr><td>28 sudo asks for a password</td>
 *       <td>{@code PrivilegedEditingTest#sudoThatAsksForAPassword_isAClearFinding},
 *       {@code RotationWithoutSftpTest#plan_administratorWhoseSudoAsksForAPassword_isInTheWay}</td></tr>
 *   <tr><td>29 forced command</td><td>{@code RotationEngineTest#plan_forcedCommandOnTheKey_saysThatItCannotEdit},
 *       {@code RotationEngineTest#rotate_forcedCommandOnTheKey_isEditedOverTheOtherCredential}; real</td></tr>
 *   <tr><td>30 reboot after rename, before it was durable</td>
 *       <td>{@code FieldFailuresTest#rotate_powerFailsRightAfterARename_endsRight},
 *       {@code FieldFailuresTest#resume_powerHasFailedWhileItSettled_isDoneAgainBeforeAnythingIsDestroyed};
 *       simulated</td></tr>
 * </table>
 *
 * <p>The nine invariants are {@code Invariant} in {@code io.keywright.testkit.simulation}, checked after every simulated step;
 * each of them is broken by one of the bugs of {@code PlantedBugTest} at least. What tells each story alone:
 *
 * <table>
 *   <caption>Invariants</caption>
 *   <tr><td>1 no lock-out</td><td>{@code RotationCrashTest#rotate_killedAtAnyStep_resumeEndsRight},
 *       {@code RotationCrashTest#rollBack_killedAtAnyStep_resumeTakesItBack}</td></tr>
 *   <tr><td>2 CURRENT works</td><td>{@code RotationEngineTest#rotate_order_originalFirstThenByIdAndTheOldKeyGoesLast},
 *       {@code RotationEngineTest#rotate_newLineVanishesBeforeContract_isAddedAgainBeforeTheOldOneGoes}</td></tr>
 *   <tr><td>3 durable before handed out, destroyed when dead only</td>
 *       <td>{@code SecondProofTest#resume_finished_theOldSecretIsGoneAndThatWasSaidAfterTheLastProof},
 *       {@code FindingsTest#resume_secondProofIsGivenAndTheFileIsManaged_nothingIsDestroyedUntilSomebodyAsks},
 *       {@code RollBackTest#rotate_noDeviceWasTouched_destroysTheNewKeyAtOnce}</td></tr>
 *   <tr><td>4 proof, not hope</td>
 *       <td>{@code OtherCredentialTest#rotate_theOldKeyWasRefusedBefore_isUnprovenAndItsPrivateHalfIsKept},
 *       {@code RotationEngineTest#rotate_oldLineIsBackRightAfterItsRemovalAndRefused_isNotCalledDone},
 *       {@code ProofTest#rotate_theCommandNamesTheOldKey_isNeverCalledDoneNorDestroyed}</td></tr>
 *   <tr><td>5 lines of others</td><td>{@code OddFilesTest#rotate_ourBlobIsAnAuthoritysToo_itsLineIsNotOurs},
 *       {@code OddFilesTest#rotate_anotherEntrysOptions_comeBackByteForByteAndDoTheSame}</td></tr>
 *   <tr><td>6 every step may run twice</td>
 *       <td>{@code RotationCrashTest#rotate_killedAtAnyStep_resumeEndsRight},
 *       {@code RotationEngineTest#resume_finished_asksNobodyAndChangesNothing}</td></tr>
 *   <tr><td>7 one at a time, and no zombies</td>
 *       <td>{@code SecondProofTest#rotate_overtakenInTheMiddle_writesNothingMoreAnywhere},
 *       {@code SecondProofTest#rotate_manyOlderKeysAreBackInTheFile_allOfThemGoAndNoneIsAccepted},
 *       {@code CredentialStoreContractTest#overtakenLease_changesNothing}</td></tr>
 *   <tr><td>8 no false success, no secret told</td>
 *       <td>{@code RotationEngineTest#rotate_oldKeyAlsoInAFileThatWasNotNamed_isNeverCalledDone},
 *       {@code SecretsTest#log_wholeRunAtTrace_holdsNoSecret}, {@code SecretsTest#heapDump_afterClose_holdsNone}</td></tr>
 *   <tr><td>9 the last key, and the session's own</td><td>{@code RotationEngineTest#remove_lastUsableKey_isRefused},
 *       {@code ProofTest#rotate_byTheKeyItself_theOldLineGoesOverTheNewKeysOwnSession},
 *       {@code ProofTest#rotate_theKeyMayNotEdit_theOtherCredentialDoesWhileTheNewKeyIsLoggedIn}</td></tr>
 * </table>
 *
 * <p>{@code TablesTest} sees to it that what is named here is there.
 */
@org.jspecify.annotations.NullMarked
package io.keywright.testkit.engine;
